"""Which handle each file of a manifest stands for: remembered, found in the org, or to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capsync.errors import ApiError
from capsync.fields import Schema
from capsync.media import MediaFile, Upload, hash_of, read_media
from capsync.model import Path
from capsync.planning.match import Wanted
from capsync.planning.options import selected
from capsync.values.normalise import canonical, pair_key
from capsync.values.references import resolved

if TYPE_CHECKING:
    from capsync.api.client import Client
    from capsync.manifests import Project

Json = Any


@dataclass(frozen=True, slots=True)
class _Live:
    """What a live object has where a manifest names a file: a handle, and a link to its content."""

    handle: str
    url: str


class Handles:
    """Puts handles in place of the files of a project's resources.

    `known` are the handles of contents uploaded before. What the org turns out to have is added to
    `learned`, content hash -> handle.
    """

    def __init__(
        self, client: Client, project: Project, known: Mapping[str, str], resend: Sequence[str]
    ) -> None:
        self._client, self._project = client, project
        self._known, self._resend = known, resend
        self._contents: dict[str, str | ApiError] = {}  # handle -> content hash, or why unknown
        self.learned: dict[str, str] = {}

    async def place(self, wanted: Wanted) -> None:
        """Put a handle, or an Upload where there is none, in place of every file of a resource.

        Where the live object has another handle than the one expected, its content is read: an
        equal content needs no upload, and one that can not be read counts as equal where nothing
        else is known. Raises MediaError for a file that can not be used.
        """
        files: dict[Path, MediaFile] = {}
        again = selected(self._resend, wanted.address)

        def handle(path: Path, file: str, note: Mapping[str, Json]) -> Json:
            folder = self._project.folder_of(wanted.address, path)
            media = files[path] = read_media(self._project.root, folder, file, note)
            wanted.sources[path] = str(media)
            known = None if again else self._known.get(media.sha256)
            return Upload(media) if known is None else known

        raw = resolved(wanted.kind.schema, wanted.raw, _as_it_is, handle)
        if not files:
            return
        if wanted.live is not None and not again:
            for path, media in files.items():
                raw = await self._beside(wanted, raw, path, media)
        wanted.raw, wanted.canon = raw, canonical(wanted.kind.schema, raw)

    async def _beside(self, wanted: Wanted, raw: Json, path: Path, media: MediaFile) -> Json:
        assert wanted.live is not None
        live = _live_at(wanted.kind.schema, raw, wanted.live.raw, path, media)
        have = _at(raw, path)
        if live is None or have == live.handle:
            return raw
        content = await self._content(live, media)
        if content == media.sha256:
            self.learned[media.sha256] = live.handle
        elif not isinstance(content, ApiError) or not isinstance(have, Upload):
            return raw
        else:
            wanted.warnings.append(
                f"{media.shown}: the file that the org has could not be read ({content.message}),"
                " so capsync can not tell whether it is the same (--resend uploads it)"
            )
        return _put(raw, path, live.handle)

    async def _content(self, live: _Live, media: MediaFile) -> str | ApiError:
        """The content hash of a live file, or why it can not be known."""
        found = self._contents.get(live.handle)
        if found is None:
            found = self._contents[live.handle] = await self._downloaded(live, media)
        return found

    async def _downloaded(self, live: _Live, media: MediaFile) -> str | ApiError:
        if not live.url:
            return ApiError("the org shows no link to it")
        try:
            data = await self._client.download(live.url, int(media.note["max_bytes"]))
        except ApiError as error:
            return error
        return hash_of(data)


def _as_it_is(reference: Json) -> Json:
    return reference


def _live_at(schema: Schema, raw: Json, live: Json, path: Path, media: MediaFile) -> _Live | None:
    """What the live object has at a path of the desired values, items of keyed lists paired."""
    *steps, name = path
    for step in steps:
        if isinstance(step, int):
            schema, raw, live = _item(schema, raw, live, step)
        else:
            schema = schema.get("properties", {}).get(step, {})
            raw, live = raw[step], live.get(step) if isinstance(live, Mapping) else None
    if not isinstance(live, Mapping) or not live.get(str(name)):
        return None
    return _Live(str(live[str(name)]), str(live.get(media.note["url"]) or ""))


def _item(schema: Schema, raw: Json, live: Json, place: int) -> tuple[Schema, Json, Json]:
    item: Schema = schema.get("items", {})
    rows = live if isinstance(live, list) else []
    if "x-key" not in schema:
        return item, raw[place], rows[place] if place < len(rows) else None
    key = pair_key(schema, raw[place])
    return item, raw[place], next((row for row in rows if pair_key(schema, row) == key), None)


def _at(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def _put(value: Json, path: Path, new: Json) -> Json:
    """The value with something else at a path."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        place = int(step)
        return [*value[:place], _put(value[place], rest, new), *value[place + 1 :]]
    return {**value, str(step): _put(value[step], rest, new)}

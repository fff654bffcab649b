"""Uploading the files that changes need: once for each content, before the first that needs it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Call, at
from capsync.api.dialects import BARE
from capsync.errors import ApiError
from capsync.media import MediaFile

if TYPE_CHECKING:
    from capsync.api.client import Client
    from capsync.applying.outcomes import Record

Json = Any


class Uploader:
    """Uploads files. `sent` counts the uploads that left this machine."""

    def __init__(self, client: Client, record: Record) -> None:
        self._client, self._record = client, record
        self._handles: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.sent = 0

    async def handle(self, file: MediaFile) -> str:
        """The handle of a file's content, uploaded now if it was not yet in this run.

        Raises MediaError where the file is not what was planned, ApiError where it is refused.
        """
        async with self._locks[file.sha256]:
            if file.sha256 not in self._handles:
                self._handles[file.sha256] = await self._upload(file)
            return self._handles[file.sha256]

    async def _upload(self, file: MediaFile) -> str:
        content = file.content()
        # Sent twice it is a new version of the same content under the same name: no harm.
        call = Call(
            "POST",
            file.upload_path,
            BARE,
            content=content,
            content_type=file.type,
            repeatable=True,
        )
        self.sent += 1
        answer = await self._client.send(call)
        handle = at(answer.body, str(file.note["handle"]))
        if not isinstance(handle, str) or not handle:
            raise ApiError(
                f"{file.shown} was uploaded, but the answer has no handle",
                request_id=answer.request_id,
            )
        self._record.uploaded(file.sha256, handle)
        return handle

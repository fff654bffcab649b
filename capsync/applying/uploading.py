"""Uploading the files that changes need: once for each content, before the first that needs it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer, Call, at
from capsync.api.dialects import BARE
from capsync.applying.sending import note_unsent
from capsync.errors import Ambiguous, ApiError, Unreachable
from capsync.kind import Write
from capsync.media import MediaFile
from capsync.model import Address

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

    async def handle(self, user: Address, file: MediaFile) -> str:
        """The handle of a file's content, uploaded now for `user` if it was not yet in this run.

        Raises MediaError where the file is not what was planned, ApiError where it is refused,
        CapsyncError where it can not be put on record.
        """
        async with self._locks[file.sha256]:
            if file.sha256 not in self._handles:
                self._handles[file.sha256] = await self._upload(user, file)
            return self._handles[file.sha256]

    async def _upload(self, user: Address, file: MediaFile) -> str:
        content = file.content()
        write = Write(f"upload {file.shown}", "POST", file.upload_path)
        token = await self._record.intent(user, write, file.shown, f"sha256:{file.sha256}")
        try:
            answer = await self._sent(file, content)
            handle = _handle_of(file, answer)
        except asyncio.CancelledError:
            note_unsent(self._client, self._record, [token])
            raise
        except ApiError as error:
            status = "unknown" if isinstance(error, Ambiguous) else "failed"
            if isinstance(error, Unreachable):
                status = "not sent"
            self._record.outcome(token, status, None, error.request_id, error.message)
            if status != "unknown":
                raise
            # Of the change that needs it nothing was sent.
            raise ApiError(f"{file.shown} may not have been uploaded: {error.message}") from error
        self._record.outcome(token, "done", handle, answer.request_id)
        self._record.uploaded(file.sha256, handle)
        self._client.write_settled()
        return handle

    async def _sent(self, file: MediaFile, content: bytes) -> Answer:
        # Sent twice it is a new version of the same content under the same name: no harm.
        call = Call(
            "POST",
            file.upload_path,
            BARE,
            content=content,
            content_type=file.type,
            repeatable=True,
        )
        try:
            answer: Answer = await self._client.send(call)
        except Unreachable:
            raise
        except ApiError:
            self.sent += 1
            raise
        self.sent += 1
        return answer


def _handle_of(file: MediaFile, answer: Answer) -> str:
    handle = at(answer.body, str(file.note["handle"]))
    if not isinstance(handle, str) or not handle:
        raise ApiError(
            f"{file.shown} was uploaded, but the answer has no handle",
            request_id=answer.request_id,
        )
    return handle

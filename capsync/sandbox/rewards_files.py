"""Uploaded media: the file service, signed links to it, and the downloads behind them."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Collection
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from capsync.sandbox.rewards_envelope import millis, plain_time, refusal
from capsync.sandbox.rewards_input import Body, Json
from capsync.sandbox.web import Refusal, Reply, Request, Routes

routes = Routes()

_MOST_BYTES = 100_000_000  # no limit is documented
_LINK_SECONDS = 3600
_STAMP = "%Y%m%dT%H%M%SZ"


@routes("POST", "/api_gateway/file-service/rewards/{fileName}")
def upload(request: Request) -> Reply:
    """Keep the bytes under a new handle; the same name is a new version.

    An empty body only reserves a place. Handles of earlier versions go on serving their bytes.
    """
    name = request.params["fileName"]
    if "." not in name.strip("."):
        raise _refused(400, "the file name needs an extension")
    if len(request.body) > _MOST_BYTES:
        raise _refused(413, f"the file is larger than {_MOST_BYTES} bytes")
    versions = "reward-file-versions"
    version = (request.store.get(versions, name) or 0) + 1
    request.store.put(versions, name, version)
    file = _file(request, name, version)
    content = base64.b64encode(request.body).decode()
    stored = {"type": file["content_type"], "content": content}
    request.store.put("reward-files", file["file_handle"], stored)
    return Reply(
        {
            "code": 200,
            "status": "true",
            "message": "file stored",
            "file": file,
            "secureFilePath": signed_url(request, file["file_handle"]),
        }
    )


def _refused(code: int, message: str) -> Refusal:
    return Refusal(Reply({"code": code, "status": "false", "message": message}, code))


def _file(request: Request, name: str, version: int) -> Json:
    handle = str(uuid5(NAMESPACE_URL, f"{request.org_id}/{name}/{version}"))
    token = f"rewards/{request.org_id}/{uuid5(NAMESPACE_URL, handle)}.{name.rpartition('.')[2]}"
    return {
        "name": name,
        "namespace": "rewards",
        "version": version,
        "acl": "PRIVATE",
        "fileSize": str(len(request.body)),
        "file_handle": handle,
        "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "s3_token": token,
        "latest_version": version,
        "last_modified": plain_time(millis(request.now)),
        "s3_url": f"s3://bucket/{token}",
    }


def signed_url(request: Request, handle: str | None) -> str | None:
    """A link that works for an hour; it is another one every second, and for unknown files too."""
    if handle is None:
        return None
    stamp = f"{datetime.fromtimestamp(int(request.now), UTC):{_STAMP}}"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": _LINK_SECONDS,
        "X-Amz-Signature": _signature(handle, stamp),
    }
    host = request.headers.get("host", "sandbox")
    return f"http://{host}/sandbox-files/{handle}?{urlencode(query)}"


def _signature(handle: str, stamp: str) -> str:
    # Nothing is protected by it: it is there so that links look and fail like real ones.
    return hashlib.sha256(f"{handle} {stamp} {_LINK_SECONDS}".encode()).hexdigest()


@routes("GET", "/sandbox-files/{handle}", public=True)
def download(request: Request) -> Reply:
    """The bytes behind a signed link; 403 once it has expired."""
    handle, stamp = request.params["handle"], request.get("X-Amz-Date") or ""
    if request.get("X-Amz-Signature") != _signature(handle, stamp) or _expired(request, stamp):
        return Reply(b"<Error><Code>AccessDenied</Code></Error>", 403, _XML)
    stored = request.store.get("reward-files", handle)
    if stored is None:
        return Reply(b"<Error><Code>NoSuchKey</Code></Error>", 404, _XML)
    return Reply(base64.b64decode(stored["content"]), 200, {"content-type": stored["type"]})


_XML = {"content-type": "application/xml"}


def _expired(request: Request, stamp: str) -> bool:
    made = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp()
    return request.now > made + _LINK_SECONDS


def media(body: Body, name: str, most: int) -> list[Json] | None:
    """The media of a list as they are kept: of equal names the first counts."""
    sent = body.objects(name)
    if sent is None:
        return None
    if len(sent) > most:
        raise refusal(400, f"{name} holds more than {most}")
    kept: dict[str, Json] = {}
    for one in sent:
        one.need("name")
        kept.setdefault(str(one.text("name")), one)
    return [_medium(one) for one in kept.values()]


def _medium(body: Body) -> Json:
    external = body.flag("isExternal") or False
    body.need("url" if external else "id")
    return {
        "name": body.text("name"),
        "altText": body.text("altText", None),
        "id": None if external else body.text("id"),
        "url": body.text("url", None) if external else None,
        "isExternal": external,
    }


def shown_media(request: Request, kept: Collection[Json]) -> list[Json]:
    """The media of a list as they are answered, uploaded ones with a signed link."""
    return [
        one if one["isExternal"] else {**one, "url": signed_url(request, one["id"])} for one in kept
    ]

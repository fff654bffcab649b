"""A real S3 server on loopback, and the surroundings that object stores read."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from moto.server import ThreadedMotoServer

_buckets = count()


@contextmanager
def s3() -> Iterator[str]:
    """The URL of a running server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def use_bucket(server: str, patch: pytest.MonkeyPatch) -> str:
    """The `s3://` URL of a new bucket, the process environment set for it."""
    name = f"bucket-{next(_buckets)}"
    for key, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        patch.setenv(key, value)
    request = urllib.request.Request(f"{server}/{name}", method="PUT")
    urllib.request.urlopen(request).close()
    return f"s3://{name}"

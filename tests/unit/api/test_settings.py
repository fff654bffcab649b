from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from capsync.api.settings import Admin, Basic, Oauth, Settings, endpoint_fault
from capsync.secret import Secret


def test_a_secret_is_never_shown() -> None:
    secret = Secret("hunter2")
    shown = f"{secret} {secret!r} {secret:>10} %s {[secret]}" % secret
    assert "hunter2" not in shown
    assert shown.count("***") == 5
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(secret)


def test_secrets_compare_by_their_text() -> None:
    assert Secret("ä") == Secret("ä")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a")
    assert not Secret()


@pytest.mark.parametrize(
    "endpoint",
    [
        "sandbox",
        "https://eu.api.capillarytech.com",
        "https://proxy.corp:8443/capillary/",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://localhost:8000",
        "http://api.localhost",
    ],
)
def test_endpoints_that_may_be_used(endpoint: str) -> None:
    assert endpoint_fault(endpoint) is None
    assert Settings(endpoint).base_url.endswith(("com", "capillary", "8000", "localhost", "box"))


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://eu.api.capillarytech.com", "clear"),
        ("http://127.0.0.1.evil.com", "clear"),
        ("ftp://eu.api.capillarytech.com", "URL"),
        ("eu.api.capillarytech.com", "URL"),
        ("https://", "URL"),
        ("https://h:99999999", "URL"),
        ("https://[::1", "URL"),
        ("https://user:hunter2@h.com", "credentials"),
        ("https://h.com/?a=b", "query"),
        ("https://h.com/#a", "fragment"),
        ("", "URL"),
    ],
)
def test_endpoints_that_may_not_be_used(endpoint: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        Settings(endpoint)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("bad", [{"concurrency": 0}, {"timeout": 0}, {"rate_limit": 0}])
def test_numbers_must_make_sense(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Settings("sandbox", **bad)


def test_the_account_is_named_without_its_secret() -> None:
    settings = Settings("sandbox", auth=Oauth("k", Secret("hunter2")))
    assert settings.credential == "oauth:k"
    assert replace(settings, auth=Basic("t", Secret("hunter2"))).credential == "basic:t"
    assert replace(settings, auth=None).credential == ""
    assert "hunter2" not in repr(replace(settings, admin_auth=Admin("a", Secret("hunter2"))))

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.conftest import Capsync
from tests.e2e.serving import serving

GROUP = """\
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: explorers}
spec: {name: Explorers, rank: 1}
"""
SERIES = """\
apiVersion: capsync/v1
kind: CouponSeries
metadata: {name: %s}
spec:
  description: %s
  discountCode: C1
  discountType: ABS
  discountValue: 5
  clientHandlingType: DISC_CODE
  expiryStrategyType: SERIES_EXPIRY
  validTillDate: 2035-12-31T00:00:00Z
  anyUser: false
  smsTemplate: "{{voucher}}"
"""
OTHER = GROUP.replace("explorers", "other").replace("Explorers", "Other")
BOMB = "a: &a [x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}, *{p}, *{p}]\n" for p, n in zip(
    "abcdefghijklmno", "bcdefghijklmnop", strict=True
))  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/good.yaml").write_text(GROUP)
    (tmp_path / "capsync.yaml").write_text(
        "version: 1\nproject: p\nmanifests: [manifests]\nenvironments: {box: {endpoint: sandbox}}\n"
    )
    return tmp_path


WRONG = {
    "broken YAML": ("a: [1\nb: }\n", "bad.yaml:"),
    "duplicate keys": (OTHER.replace("rank: 1", "rank: 1, rank: 2"), "rank"),
    "alias bomb": (BOMB, "bad.yaml"),
    "tabs": ("a:\tb:\n\t- c\n", "bad.yaml:"),
    "a tag": (OTHER.replace("rank: 1", "rank: !!python/name:os.system 1"), "bad.yaml:4:"),
    "two addresses": (GROUP, "BadgeGroup/explorers"),
    "two natural keys": (GROUP.replace("{name: explorers}", "{name: other}"), "Explorers"),
    "unknown kind": (OTHER.replace("BadgeGroup", "BadgeGrup"), "did you mean BadgeGroup?"),
    "unknown field": (OTHER.replace("rank:", "rnak:"), "did you mean rank?"),
    "wrong type": (OTHER.replace("rank: 1", "rank: high"), "rank"),
    "missing field": (OTHER.replace(", rank: 1", ""), "rank"),
    "dangling reference": (
        SERIES % ("a", "A") + "  mutualExclusiveSeriesIds: [{ref: nope}]\n",
        "nope",
    ),
    "undefined variable": (OTHER.replace("Other", "'${var.nope}'"), "nope"),
    "undefined env variable": (OTHER.replace("Other", "'${env.CAPSYNC_NOPE}'"), "CAPSYNC_NOPE"),
    "no kind": ("apiVersion: capsync/v1\nmetadata: {name: x}\nspec: {}\n", "kind"),
    "a list": ("- 1\n- 2\n", "bad.yaml:1:"),
    "bad name": (OTHER.replace("{name: other}", "{name: Not Good}"), "name"),
    "control characters": ("a: \x1b[31m\n", "bad.yaml:"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_manifests_are_3_and_send_nothing(name: str, project: Path, capsync: Capsync) -> None:
    text, said = WRONG[name]
    (project / "manifests/bad.yaml").write_text(text)
    for args in (["validate"], ["plan"], ["apply", "--yes"]):
        done = capsync(*args)
        output = done.stdout + done.stderr
        assert done.returncode == 3, output
        assert said in output
        assert "Traceback" not in output
        assert "\x1b" not in output
        assert len(output.splitlines()) <= 4
    assert not (project / ".capsync-sandbox.db").exists()


def test_binary_files_are_told(project: Path, capsync: Capsync) -> None:
    (project / "manifests/bad.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\xff\xfe")
    done = capsync("validate")
    assert done.returncode == 3
    assert "manifests/bad.yaml" in done.stdout


def test_every_problem_is_told_at_once(project: Path, capsync: Capsync) -> None:
    (project / "manifests/a.yaml").write_text("a: [\n")
    (project / "manifests/b.yaml").write_text(GROUP.replace("rank: 1", "rank: x, other: 1"))
    done = capsync("validate")
    assert "4 errors" in done.stdout
    for place in ("a.yaml:", "b.yaml:4:"):
        assert place in done.stdout


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, "capsync.yaml"),
        ("version: [\n", "capsync.yaml:"),
        ("version: 2\nproject: p\nmanifests: [manifests]\nenvironments: {}\n", "version"),
        (
            "version: 1\nproject: p\nmanifests: [manifests]\nenvironments: {u: {endpont: x}}\n",
            "endpoint",
        ),
        (
            "version: 1\nproject: p\nmanifests: [manifests]\nenvironments:\n  u: {endpoint: 'http://eu.example.com',"
            " org_id: 1, auth: {type: basic, username: a, password: b}}\n",
            "http",
        ),
        (
            "version: 1\nproject: p\nmanifests: [manifests]\nenvironments:\n  u: {endpoint: 'https://eu.example.com',"
            " org_id: 1, auth: {type: oauth, key: '${env.NOPE}', secret: b}}\n",
            "NOPE",
        ),
        (
            "version: 1\nproject: p\nmanifests: [manifests]\nenvironments:\n"
            "  u: {endpoint: 'https://eu.example.com', org_id: 1}\n",
            "auth",
        ),
    ],
)
def test_wrong_configurations_are_3(
    config: str | None, said: str, project: Path, capsync: Capsync
) -> None:
    path = project / "capsync.yaml"
    path.unlink()
    if config is not None:
        path.write_text(config)
    done = capsync("plan")
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_environment_is_3(project: Path, capsync: Capsync) -> None:
    for done in (capsync("plan", "-e", "bxo"), capsync("plan", CAPSYNC_ENV="bxo")):
        assert done.returncode == 3
        assert "box" in done.stderr


def remote(project: Path, url: str, **over: str) -> None:
    """The project's only environment: that server, with the sandbox's credentials."""
    values = {"org_id": "100737", "key": "sandbox", "secret": "sandbox"} | over
    (project / "capsync.yaml").write_text(
        "version: 1\nproject: p\nmanifests: [manifests]\nenvironments:\n"
        f"  far: {{endpoint: '{url}', org_id: {values['org_id']}, timeout: 5,"
        " rate_limit: 60000/min,"
        f" auth: {{type: oauth, key: {values['key']}, secret: {values['secret']}}}}}\n"
    )


@pytest.fixture
def served(project: Path, environ: dict[str, str]) -> Iterator[str]:
    """The address of a sandbox in a process of its own."""
    with serving(project, environ) as url:
        yield url


def test_a_real_server_works(project: Path, served: str, capsync: Capsync) -> None:
    remote(project, served)
    assert capsync("apply", "--yes").returncode == 0
    assert capsync("plan", "--detailed-exitcode").returncode == 0


def test_wrong_credentials_are_1(project: Path, served: str, capsync: Capsync) -> None:
    remote(project, served, secret="wrong-secret")
    for args in (["plan"], ["apply", "--yes"], ["doctor"], ["drift"]):
        done = capsync(*args)
        assert done.returncode == 1, done.stderr
        assert "wrong-secret" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_another_org_is_4(project: Path, served: str, capsync: Capsync) -> None:
    remote(project, served, org_id="42")
    for args in (["plan"], ["apply", "--yes"], ["doctor"]):
        done = capsync(*args)
        assert done.returncode == 4, done.stderr
        said = done.stdout + done.stderr
        assert "org 100737" in said
        assert "says 42" in said
    assert re.search(r"ok +connection and credentials", said)
    assert re.search(r"FAILED +org ", said)


def test_an_unreachable_host_is_1(project: Path, capsync: Capsync) -> None:
    remote(project, "http://127.0.0.1:9")
    done = capsync("plan")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def odd_server(answer: Answer) -> Iterator[str]:
    """A server that answers everything in one odd way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            answer(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def html(handler: BaseHTTPRequestHandler) -> None:
    body = b"<html><body>Welcome to the portal</body></html>"
    handler.send_response(200)
    handler.send_header("content-type", "text/html")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut(handler: BaseHTTPRequestHandler) -> None:
    body = b'{"data": {"accessTok'
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.parametrize("answer", [html, cut])
def test_answers_that_are_no_answers_are_1(answer: Answer, project: Path, capsync: Capsync) -> None:
    with odd_server(answer) as url:
        remote(project, url)
        done = capsync("plan")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "\nError: " in "\n" + done.stderr


def test_tls_that_fails_is_1(project: Path, capsync: Capsync) -> None:
    with odd_server(html) as url:
        remote(project, url.replace("http:", "https:"))
        done = capsync("plan")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_several_live_matches_are_4_and_listed(project: Path, capsync: Capsync) -> None:
    manifest = project / "manifests/series.yaml"
    pair = (SERIES % ("a", "A")) + "---\n" + (SERIES % ("b", "B"))
    for text in (pair, pair.replace("description: A", "description: Twin")):
        manifest.write_text(text)
        assert capsync("apply", "--yes").returncode == 0
    manifest.write_text(SERIES % ("b", "Twin"))
    assert capsync("apply", "--yes").returncode == 0
    for each in project.glob(".capsync/*.json"):
        each.unlink()
    manifest.write_text(SERIES % ("c", "Twin"))
    done = capsync("apply", "--yes")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "metadata.id" in done.stderr


def test_a_state_folder_that_can_not_be_written(project: Path, capsync: Capsync) -> None:
    (project / ".capsync").write_text("a file is in the way")
    done = capsync("apply", "--yes")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr

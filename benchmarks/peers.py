"""Plans without changes of capsync and of other tools, side by side, each against a loopback fake.

All are whole commands, against the same server that answers from memory: what is measured is what
the tools themselves take. They are installed into folders of their own below `.bench/`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Row, capsync, spend
from benchmarks.projects import write_project
from benchmarks.serving import Answers, Recording, network, served
from capsync.planning.options import PlanOptions
from capsync.session import Session

_TOOLS = ROOT / ".bench"
_SIZES = (1_000, 5_000, 10_000)
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Contender:
    """A command that finds nothing to do, its folder, and how it says so."""

    name: str
    command: Sequence[str]
    folder: Path
    nothing: str
    env: dict[str, str]


def peers() -> Iterator[Row]:
    """Microseconds of CPU of the whole command per object: capsync's plans, each peer's dry run."""
    rivals = [make for make in (_octodns(), _auth0()) if make is not None]
    for count in _SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            own = [_capsync(folder / kinds, count, kinds) for kinds in ("series", "mixed")]
            others = [make(folder, count) for make in rivals]
            with _running([*own, *others]) as contenders:
                best = _side_by_side(contenders)
            yield from _rows(contenders, best, count, len(own))


def _rows(
    contenders: Sequence[Contender], best: dict[str, float], count: int, own: int
) -> Iterator[Row]:
    for place, each in enumerate(contenders):
        taken = best[each.name] / count * 1e6
        line = " ".join(each.command)
        if place < own:
            yield Row(f"{each.name} {count:,}", taken, "us", None, None, line)
            continue
        mine = best[contenders[0].name] / count * 1e6
        yield Row(f"capsync ahead of {each.name} {count:,}", mine, "us", taken, 1.0, line)


def _side_by_side(contenders: Sequence[Contender]) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(_ROUNDS):
        for each in contenders:
            seconds = spend(each.command, each.folder, each.env, each.nothing).cpu
            best[each.name] = min(seconds, best.get(each.name, seconds))
    return best


Answered = tuple[dict[str, str], Callable[[int], Contender]]
"""What a fake answers, and the contender once its port is known."""


@contextmanager
def _running(answered: Sequence[Answered]) -> Iterator[list[Contender]]:
    """A fake for each of the contenders while the block lasts."""
    servers: list[subprocess.Popen[str]] = []
    contenders = []
    with tempfile.TemporaryDirectory() as name:
        try:
            for place, (bodies, make) in enumerate(answered):
                file = Path(name) / f"{place}.json"
                file.write_text(json.dumps(bodies))
                command = [sys.executable, "-m", "benchmarks.fake", str(file)]
                if "certificate" in bodies:
                    command += [bodies["certificate"], bodies["key"]]
                server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
                servers.append(server)
                assert server.stdout is not None
                contenders.append(make(int(server.stdout.readline())))
            yield contenders
        finally:
            for server in servers:
                server.terminate()
                server.communicate()


def _capsync(root: Path, count: int, kinds: str) -> Answered:
    root.mkdir()
    answers: Answers = {}

    async def plan() -> None:
        transport = Recording(network(), answers)
        async with Session.open(root, transport=transport) as session:
            await session.plan(PlanOptions(refresh="full"))

    with served(root, 0) as url:
        write_project(root, count, url, kinds=kinds)
        capsync("apply", "--yes", "-q", cwd=root)
        asyncio.run(plan())
    bodies = {
        f"{method} /{url.split('/', 3)[3]}": body.decode()
        for (method, url), (_, _, body) in answers.items()
    }

    def contender(port: int) -> Contender:
        write_project(root, count, f"http://127.0.0.1:{port}", kinds=kinds)
        env = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(root), "BENCH_KEY": "sandbox"}
        command = [sys.executable, "-m", "capsync", "plan", "--refresh", "full"]
        return Contender(f"capsync, {kinds},", command, root, "No changes", env)

    return bodies, contender


def _octodns() -> Callable[[Path, int], Answered] | None:
    """octoDNS with its Cloudflare provider, None where it can not be installed."""
    venv = _TOOLS / "octodns"
    program = venv / "bin" / "octodns-sync"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, "octodns", "octodns-cloudflare"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            _skip("octoDNS", str(error))
            return None

    def make(folder: Path, count: int) -> Answered:
        root = folder / "octodns"
        (root / "zones").mkdir(parents=True)
        _write_zone(root / "zones" / "bench.test.yaml", count)

        def contender(port: int) -> Contender:
            (root / "config.yaml").write_text(_OCTODNS.format(port=port))
            command = [str(program), "--config-file", "config.yaml"]
            return Contender("octoDNS + octodns-cloudflare", command, root, "No changes", {})

        return _zone_bodies(count), contender

    return make


_PAGE = 1000  # records: ten times octoDNS's default, so that pages do not count against it
_OCTODNS = f"""\
providers:
  config: {{{{class: octodns.provider.yaml.YamlProvider, directory: zones, default_ttl: 300}}}}
  cloudflare:
    class: octodns_cloudflare.CloudflareProvider
    token: bench
    api_url: http://127.0.0.1:{{port}}/client/v4
    pagerules: false
    records_per_page: {_PAGE}
zones:
  bench.test.: {{{{sources: [config], targets: [cloudflare]}}}}
"""


def _write_zone(file: Path, count: int) -> None:
    lines = ["---"]
    for n in range(count):
        lines += [f"host{n:06}:", "  ttl: 300", "  type: A", f"  value: {_address(n)}"]
    file.write_text("\n".join(lines) + "\n")


def _address(n: int) -> str:
    return f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"


def _zone_bodies(count: int) -> dict[str, str]:
    zone = {"id": "z1", "name": "bench.test", "plan": {"legacy_id": "free"}}
    bodies = {"GET /client/v4/zones?page=1&per_page=50": _cloudflare([zone], 50)}
    records = [
        {
            "id": f"r{n}",
            "type": "A",
            "name": f"host{n:06}.bench.test",
            "content": _address(n),
            "proxied": False,
            "ttl": 300,
        }
        for n in range(count)
    ]
    for page in range(count // _PAGE + 1):
        part = records[page * _PAGE : (page + 1) * _PAGE]
        path = f"GET /client/v4/zones/z1/dns_records?page={page + 1}&per_page={_PAGE}"
        bodies[path] = _cloudflare(part, _PAGE)
    return bodies


def _cloudflare(result: list[Any], per_page: int) -> str:
    info = {"count": len(result), "per_page": per_page}
    return json.dumps({"success": True, "result": result, "result_info": info})


def _auth0() -> Callable[[Path, int], Answered] | None:
    """auth0-deploy-cli, None where npm is not there or does not install it."""
    npm, openssl = shutil.which("npm"), shutil.which("openssl")
    if npm is None or openssl is None:
        _skip("auth0-deploy-cli", "npm and openssl are needed")
        return None
    folder = _TOOLS / "auth0"
    program = folder / "node_modules" / ".bin" / "a0deploy"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run([*install, "auth0-deploy-cli"], check=False, capture_output=True)
        if done.returncode:
            _skip("auth0-deploy-cli", done.stderr.decode()[-300:])
            return None
    certificate = _certificate(openssl, folder)

    def make(root: Path, count: int) -> Answered:
        root = root / "auth0"
        apis = root / "tenant" / "resource-servers"
        apis.mkdir(parents=True)
        for n in range(count):
            (apis / f"api-{n}.json").write_text(json.dumps(_api(n)))

        def contender(port: int) -> Contender:
            (root / "config.json").write_text(
                json.dumps(_AUTH0 | {"AUTH0_DOMAIN": f"127.0.0.1:{port}"})
            )
            command = [str(program), "import", "-c", "config.json", "-i", "tenant", "--dry-run"]
            env = {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}
            return Contender("auth0-deploy-cli", command, root, "No changes detected", env)

        return _api_bodies(count) | certificate, contender

    return make


_AUTH0 = {"AUTH0_ACCESS_TOKEN": "bench", "AUTH0_INCLUDED_ONLY": ["resourceServers"]}


def _api(n: int) -> dict[str, Any]:
    return {"name": f"api-{n}", "identifier": f"https://api-{n}.example", "token_lifetime": 86400}


def _api_bodies(count: int) -> dict[str, str]:
    bodies = {f"GET {_V2}/clients?{_PAGED.format(page=0, size=100)}": _auth0_page("clients", [], 0)}
    apis = [_api(n) | {"id": f"id-{n}"} for n in range(count)]
    for size in (50, 100):
        for page in range(count // size + 1):
            path = f"{_V2}/resource-servers?{_PAGED.format(page=page, size=size)}"
            part = apis[page * size : (page + 1) * size]
            bodies[f"GET {path}"] = _auth0_page("resource_servers", part, count, page * size, size)
    return bodies


_V2, _PAGED = "/api/v2", "page={page}&per_page={size}&include_totals=true"


def _auth0_page(name: str, items: list[Any], total: int, start: int = 0, limit: int = 100) -> str:
    return json.dumps({"total": total, "start": start, "limit": limit, name: items})


def _certificate(openssl: str, folder: Path) -> dict[str, str]:
    paths = {"certificate": str(folder / "cert.pem"), "key": str(folder / "key.pem")}
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", paths["key"], "-out", paths["certificate"]]
    subprocess.run(command, check=True, capture_output=True)
    return paths


def _skip(name: str, why: str) -> None:
    print(f"  {name} is skipped: {why}", flush=True)


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    os.environ["BENCH_KEY"] = "sandbox"
    return {"peers": peers}

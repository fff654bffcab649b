"""What the Action asks GitHub for: the sticky comment, the drift issue, the reviewed plan.

    github.py summary plan|drift REPORT CODE    adds the report to the summary of the job
    github.py comment REPORT                    puts it on the pull request, in place of the last
    github.py issue REPORT true|false           opens or renews the issue of a drift, or closes it
    github.py fetch FILE                        gets the plan saved for the merged pull request

Only the standard library is used. TOKEN and GitHub's own variables come from the environment.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

LABEL = "capsync-drift"
_PAGE = 100
_TIMEOUT = 30  # seconds


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves redirects alone: a signed link refuses the token that would go along."""

    def redirect_request(self, *_args: Any) -> None:
        """None, so that the 302 comes back as an error with its headers."""
        return


def asked(method: str, url: str, body: Any = None) -> bytes:
    """The answer of GitHub's API. Raises urllib's HTTPError where it refuses or redirects."""
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        method=method,
    )
    with urllib.request.build_opener(NoRedirect).open(request, timeout=_TIMEOUT) as answer:
        return bytes(answer.read())


def call(method: str, path: str, body: Any = None) -> Any:
    """The decoded answer to a call of GitHub's API."""
    return json.loads(asked(method, f"{os.environ['GITHUB_API_URL']}{path}", body))


def every(path: str, **query: Any) -> Iterator[Any]:
    """Every row of a paged list."""
    page = 1
    while True:
        text = urllib.parse.urlencode({**query, "per_page": _PAGE, "page": page})
        rows = call("GET", f"{path}?{text}")
        yield from rows
        if len(rows) < _PAGE:
            return
        page += 1


def repository() -> str:
    """The path of this repository in the API."""
    return f"/repos/{os.environ['GITHUB_REPOSITORY']}"


def run_link() -> str:
    """A link to this run."""
    server, name = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    return f"{server}/{name}/actions/runs/{os.environ['GITHUB_RUN_ID']}"


def event() -> Any:
    """The payload of the event that started the workflow."""
    return json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))


def folder() -> str:
    """The project's folder as a part of names, "" for that of the repository: what projects of one
    repository leave on a pull request is kept apart."""
    name = re.sub("[^A-Za-z0-9_.-]", "_", os.environ.get("DIRECTORY") or ".")
    return "" if name == "." else name


def signed(report: str) -> tuple[str, str]:
    """The first line that finds a text of ours again; the text with it and a link to the run."""
    first, _, rest = Path(report).read_text("utf-8").partition("\n")
    marker = first.replace(" -->", f" in {folder()} -->") if folder() else first
    return marker, f"{marker}\n{rest}\n<sub>[The run]({run_link()})</sub>\n"


def summary(what: str, report: str, code: str) -> None:
    """Add the report to the job's summary; where there is none, write one that says so."""
    path = Path(report)
    if not path.exists():
        environment = os.environ.get("CAPSYNC_ENV") or "default"
        name = "".join(each if each.isalnum() or each in "_." else "_" for each in environment)
        path.write_text(
            f"<!-- capsync {what} {name} -->\n### ❌ capsync {what} failed\n\n"
            f"Exit code {code}; the log of [the run]({run_link()}) says why.\n",
            "utf-8",
        )
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
        file.write(path.read_text("utf-8"))


def comment(report: str) -> None:
    """Put the report on the pull request, in place of the comment with the same first line."""
    marker, text = signed(report)
    issue = f"{repository()}/issues/{event()['pull_request']['number']}/comments"
    earlier = next((each for each in every(issue) if each["body"].startswith(marker)), None)
    if earlier is None:
        call("POST", issue, {"body": text})
    else:
        call("PATCH", f"{repository()}/issues/comments/{earlier['id']}", {"body": text})


def issue(report: str, drifted: str) -> None:
    """Open or renew the issue of this environment's drift; close it once there is none."""
    marker, text = signed(report)
    issues = f"{repository()}/issues"
    listed = every(issues, state="open", labels=LABEL)
    found = next((each for each in listed if (each["body"] or "").startswith(marker)), None)
    if drifted != "true":
        if found is not None:
            link = f"{issues}/{found['number']}"
            call("POST", f"{link}/comments", {"body": f"No drift any more: {run_link()}"})
            call("PATCH", link, {"state": "closed"})
    elif found is None:
        name = marker.removeprefix("<!-- capsync drift ").removesuffix(" -->")
        title = f"capsync: {name} has drifted"
        call("POST", issues, {"title": title, "body": text, "labels": [LABEL]})
    else:
        call("PATCH", f"{issues}/{found['number']}", {"body": text})


def fetch(target: str) -> None:
    """Write the plan that was saved for the pull request whose merge was pushed."""
    sha = os.environ["GITHUB_SHA"]
    merged = [
        each for each in every(f"{repository()}/commits/{sha}/pulls") if each.get("merged_at")
    ]
    if not merged:
        refuse(f"commit {sha} is no merge of a pull request, so no plan was reviewed")
    head = merged[0]["head"]["sha"]
    environment = os.environ.get("CAPSYNC_ENV") or "default"
    name = "-".join(filter(None, ("capsync-plan", environment, folder(), head)))
    query = urllib.parse.urlencode({"name": name, "per_page": _PAGE})
    found = call("GET", f"{repository()}/actions/artifacts?{query}")["artifacts"]
    usable = [each for each in found if not each["expired"]]
    if not usable:
        refuse(f"pull request {merged[0]['number']} has no saved plan {name} (any more)")
    latest = max(usable, key=lambda each: each["created_at"])
    with zipfile.ZipFile(io.BytesIO(downloaded(latest["archive_download_url"]))) as archive:
        Path(target).write_bytes(archive.read("plan.json"))


def downloaded(url: str) -> bytes:
    """What an artifact's link leads to; where it is another host, without the token."""
    try:
        return asked("GET", url)
    except urllib.error.HTTPError as error:
        link = error.headers.get("Location")
        if error.code != 302 or not link:
            raise
    with urllib.request.urlopen(link, timeout=_TIMEOUT) as answer:
        return bytes(answer.read())


def refuse(why: str) -> NoReturn:
    """End with capsync's exit code for what is blocked."""
    print(f"::error::{why}")
    sys.exit(4)


COMMANDS = {each.__name__: each for each in (summary, comment, issue, fetch)}
# Without these a run says less, but does what it is for.
OPTIONAL = ("comment", "issue")


def main(command: str, *arguments: str) -> None:
    """Run one command; what GitHub refuses is a warning where the run can do without it."""
    try:
        COMMANDS[command](*arguments)
    except (urllib.error.URLError, OSError) as error:
        if command not in OPTIONAL:
            print(f"::error::capsync {command}: {error}")
            sys.exit(1)
        print(f"::warning::the {command} could not be written: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])

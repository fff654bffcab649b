"""Puts a report on the merge request of the pipeline, in place of the note it left before.

    gitlab-note.py REPORT

GITLAB_TOKEN is a project access token of the role Reporter with the scope `api`, as a masked
variable: the token of the job may not write notes. Without it nothing is done. Only the standard
library is used; the other variables are GitLab's own.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PAGE = 100
_TIMEOUT = 30  # seconds


def call(method: str, path: str, **body: str) -> Any:
    """The decoded answer of GitLab's API to a call about the merge request."""
    project, number = os.environ["CI_PROJECT_ID"], os.environ["CI_MERGE_REQUEST_IID"]
    request = urllib.request.Request(
        f"{os.environ['CI_API_V4_URL']}/projects/{project}/merge_requests/{number}/notes{path}",
        json.dumps(body).encode() if body else None,
        {"PRIVATE-TOKEN": os.environ["GITLAB_TOKEN"], "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        return json.load(answer)


def notes() -> Iterator[Any]:
    """Every note of the merge request."""
    page = 1
    while rows := call("GET", f"?per_page={_PAGE}&page={page}"):
        yield from rows
        if len(rows) < _PAGE:
            return
        page += 1


def main(report: str) -> None:
    """Write the note anew, or change the one whose first line is the same."""
    if not os.environ.get("GITLAB_TOKEN"):
        print("GITLAB_TOKEN is not set: the report is not put on the merge request")
        return
    text = Path(report).read_text("utf-8") + f"\n[The job]({os.environ['CI_JOB_URL']})\n"
    marker = text.partition("\n")[0]
    try:
        found = next((each for each in notes() if each["body"].startswith(marker)), None)
        if found is None:
            call("POST", "", body=text)
        else:
            call("PUT", f"/{found['id']}", body=text)
    except (urllib.error.URLError, OSError) as error:
        print(f"the note could not be written: {error}")


if __name__ == "__main__":
    main(sys.argv[1])

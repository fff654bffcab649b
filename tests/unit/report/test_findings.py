from __future__ import annotations

from capsync.report.findings import checks_text
from capsync.runs.doctor import Check


def test_a_check_may_take_several_lines() -> None:
    checks = [
        Check("org", True, "100737"),
        Check("credentials", False, "KEY\nSECRET\x1b", "set it"),
    ]
    assert checks_text(checks).splitlines() == [
        "ok      org          100737",
        "FAILED  credentials  KEY",
        "                     SECRET\\x1b",
        "                     set it",
        "",
        "1 of 2 checks failed.",
    ]

from __future__ import annotations

import json

import pytest

from capsync.model import Problem, Where
from capsync.report.problems import STYLES, format_problems, problems_text, summary

PROBLEMS = [
    Problem(
        Where("manifests/a.yaml", 14, 11),
        '"2026-13-01" is not a date',
        "endDate",
        "write 2026-12-01",
        rule="format",
    ),
    Problem(Where("manifests/b.yaml"), "is UTF-16", rule="not-text"),
    Problem(
        Where("manifests/a: b,c.yaml", 2, 3),
        "is set by the server\n::error::x \x1b[31m 100%",
        "status",
        severity="warning",
        rule="server-set",
    ),
]


def test_text_is_one_line_a_problem_and_the_counts() -> None:
    assert problems_text(PROBLEMS) == (
        'manifests/a.yaml:14:11: error: endDate: "2026-13-01" is not a date (write 2026-12-01)\n'
        "manifests/b.yaml: error: is UTF-16\n"
        "manifests/a: b,c.yaml:2:3: warning: status:"
        " is set by the server\\n::error::x \\x1b[31m 100%\n"
        "2 errors, 1 warning\n"
    )


def test_nothing_is_said_of_nothing() -> None:
    assert format_problems([], "text") == ""
    assert format_problems([], "github") == ""
    assert summary([]) == "no problems"


def test_colour_is_on_the_label_alone() -> None:
    text = problems_text(PROBLEMS[:1], color=True)
    assert "\x1b[31m\x1b[1merror\x1b[0m: endDate" in text


def test_json_carries_every_part() -> None:
    document = json.loads(format_problems(PROBLEMS, "json"))
    assert document["format"] == "capsync.problems/1"
    assert document["summary"] == {"errors": 2, "warnings": 1}
    assert document["problems"][0] == {
        "severity": "error",
        "file": "manifests/a.yaml",
        "line": 14,
        "column": 11,
        "path": "endDate",
        "message": '"2026-13-01" is not a date',
        "hint": "write 2026-12-01",
        "rule": "format",
    }
    assert document["problems"][1]["line"] is None


def test_annotations_can_not_be_broken_out_of() -> None:
    assert format_problems(PROBLEMS, "github").splitlines() == [
        "::error file=manifests/a.yaml,line=14,col=11,title=format::"
        'endDate: "2026-13-01" is not a date (write 2026-12-01)',
        "::error file=manifests/b.yaml,title=not-text::is UTF-16",
        "::warning file=manifests/a%3A b%2Cc.yaml,line=2,col=3,title=server-set::"
        "status: is set by the server\\n::error::x \\x1b[31m 100%25",
    ]


def test_sarif_has_rules_levels_and_regions() -> None:
    document = json.loads(format_problems(PROBLEMS, "sarif"))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "format",
        "not-text",
        "server-set",
    ]
    first, second, third = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("format", 0, "error")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "manifests/a.yaml"},
        "region": {"startLine": 14, "startColumn": 11},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]
    location = third["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (third["level"], location["uri"]) == ("warning", "manifests/a%3A%20b%2Cc.yaml")


@pytest.mark.parametrize("style", STYLES)
def test_files_are_named_from_where_the_reader_stands(style: str) -> None:
    assert "loyalty/manifests/a.yaml" in format_problems(PROBLEMS, style, base="loyalty/")
    assert "loyalty" not in format_problems(PROBLEMS, style, base=".")

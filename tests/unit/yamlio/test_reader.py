from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from capsync.model import Where
from capsync.yamlio.dump import dump
from capsync.yamlio.reader import LIBYAML, MAX_DEPTH, MAX_EXPANSION, parse
from tests.unit.yamlio.test_dump import JSON

both = pytest.mark.parametrize("pure", [False, True])


def documents(text: str, *, pure: bool = False) -> list[Any]:
    parsed = parse(text, "f.yaml", pure=pure)
    assert parsed.problems == []
    return parsed.documents


def problems(text: str | bytes, *, pure: bool = False) -> list[str]:
    return [str(problem) for problem in parse(text, "f.yaml", pure=pure).problems]


def test_libyaml_is_there_for_these_tests() -> None:
    assert LIBYAML


@both
def test_several_documents_with_the_places_of_their_roots(pure: bool) -> None:
    parsed = parse("# head\na: 1\n---\n\nb: 2\n---\n", "f.yaml", pure=pure)
    assert parsed.documents == [{"a": 1}, {"b": 2}, None]
    assert parsed.starts[:2] == [Where("f.yaml", 2, 1), Where("f.yaml", 5, 1)]


@both
def test_keys_are_always_text(pure: bool) -> None:
    assert documents("true: 1\n1: 2\n~: 3\n012: 4\n? long\n: 5\n", pure=pure) == [
        {"true": 1, "1": 2, "~": 3, "012": 4, "long": 5}
    ]


@both
def test_an_empty_file_has_no_documents(pure: bool) -> None:
    assert documents("", pure=pure) == []
    assert documents("# only a comment\n", pure=pure) == []


@both
def test_anchors_and_aliases_share_a_value(pure: bool) -> None:
    text = "a: &x {k: [1, 2]}\nb: *x\nc: &y 012\nd: [*y]\n&z e: *x\n"
    assert documents(text, pure=pure) == [
        {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}, "c": "012", "d": ["012"], "e": {"k": [1, 2]}}
    ]


def test_an_anchor_may_be_given_again() -> None:
    assert documents("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == [{"a": 1, "b": 1, "c": 2, "d": 2}]


def test_anchors_end_with_their_document() -> None:
    assert problems("a: &x 1\n---\nb: *x\n") == ["f.yaml:3:4: no anchor &x comes before this alias"]


@both
def test_merge_keys_bring_what_is_not_written(pure: bool) -> None:
    text = "base: &b {x: 1, y: 2}\none:\n  <<: *b\n  y: 3\ntwo:\n  <<: [{y: 9, z: 5}, *b]\n"
    one, two = documents(text, pure=pure)[0]["one"], documents(text, pure=pure)[0]["two"]
    assert one == {"x": 1, "y": 3}
    assert two == {"x": 1, "y": 9, "z": 5}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert documents("'<<': {a: 1}\n") == [{"<<": {"a": 1}}]


def test_only_mappings_are_merged() -> None:
    assert problems("<<: 5\n") == [
        "f.yaml:1:1: only mappings can be merged (write <<: *name, or a list of such aliases)"
    ]
    assert problems("<<: {a: 1}\n<<: {b: 2}\n") == [
        'f.yaml:2:1: the key "<<" is there twice, first at line 1'
    ]


@both
def test_duplicate_keys_name_both_places_and_reading_goes_on(pure: bool) -> None:
    assert problems("a: 1\nb:\n  c: 1\n  c: 2\na: 3\nd: {e: 1, e: 2}\n", pure=pure) == [
        'f.yaml:4:3: the key "c" is there twice, first at line 3',
        'f.yaml:5:1: the key "a" is there twice, first at line 1',
        'f.yaml:6:11: the key "e" is there twice, first at line 6',
    ]


@both
def test_quoted_and_bare_keys_are_the_same_key(pure: bool) -> None:
    assert problems('1: a\n"1": b\n', pure=pure) == [
        'f.yaml:2:1: the key "1" is there twice, first at line 1'
    ]


@both
@pytest.mark.parametrize(
    ("text", "place", "tag"),
    [
        ("a: !!str 5\n", "1:4", "!!str"),
        ("!mine a: 5\n", "1:1", "!mine"),
        ("a: !!python/object:os.system {}\n", "1:4", "!!python/object:os.system"),
        ("- !!binary abc\n", "1:3", "!!binary"),
        ("a: ! b\n", "1:4", "!"),
        ("--- !!map\na: 1\n", "1:5", "!!map"),
    ],
)
def test_every_tag_is_refused(text: str, place: str, tag: str, pure: bool) -> None:
    assert problems(text, pure=pure) == [
        f"f.yaml:{place}: the tag {tag} is not allowed (remove it)"
    ]


@both
def test_keys_that_are_no_texts_are_refused(pure: bool) -> None:
    assert problems("{{name}}: 1\n", pure=pure) == [
        "f.yaml:1:1: a key must be a text (quote a text that starts with { or [)"
    ]
    assert problems("? [a, [b]]\n: c\nd: 1\n", pure=pure) == [
        "f.yaml:1:3: a key must be a text (quote a text that starts with { or [)"
    ]
    assert problems("a: &k x\n? *k\n: c\n", pure=pure) == [
        "f.yaml:2:3: a key must be a text (write it out)"
    ]


@both
def test_a_bare_template_gets_the_hint_to_quote(pure: bool) -> None:
    assert problems("a: {{name}}\n", pure=pure) == [
        "f.yaml:1:5: a key must be a text (quote a text that starts with { or [)"
    ]


def test_a_variable_inside_flow_gets_the_hint_to_quote() -> None:
    (problem,) = problems("a: {b: ${var.x}}\n")
    assert problem.startswith("f.yaml:1:9: is no YAML:")
    assert problem.endswith("(quote a text that holds ${...} or {{...}})")


@both
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 'x\n", "1:4"),
        ("a: [1, 2\nb: 3\n", "2:2"),
        ("a: b: c\n", "1:5"),
        ("a: @x\n", "1:4"),
        ("a: 1\n b: 2\n", "2:3"),
        ("a: *\n", "1:5"),
        ("a: 1\n---\nb: `\n", "3:4"),
    ],
)
def test_broken_yaml_is_told_with_its_place(text: str, place: str, pure: bool) -> None:
    (problem,) = problems(text, pure=pure)
    assert "is no YAML" in problem
    if not pure:
        assert problem.startswith(f"f.yaml:{place}: ")


def test_documents_before_a_broken_one_are_kept() -> None:
    assert parse("a: 1\n---\nb: [\n").documents == [{"a": 1}]


def test_a_colon_in_a_text_gets_a_hint() -> None:
    assert "quote a text that holds" in problems("a: b: c\n")[0]


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a: &a [1,2,3,4,5,6,7,8,9]"]
    lines += [
        f"{chr(98 + level)}: &{chr(98 + level)} [{','.join(['*' + chr(97 + level)] * 9)}]"
        for level in range(20)
    ]
    assert problems("\n".join(lines)) == [
        f"f.yaml:5:11: the aliases of this document stand for more than {MAX_EXPANSION} values"
    ]


def test_the_expansion_counts_a_document_at_a_time() -> None:
    text = "a: &a [1, 2, 3]\nb: [" + ", ".join(["*a"] * 1000) + "]\n"
    assert len(documents("---\n".join([text] * 20))) == 20


def test_merge_keys_count_as_expansion() -> None:
    wide = "{" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}"
    text = f"a: &a {wide}\nb:\n" + "".join("- <<: *a\n" for _ in range(30))
    assert "stand for more than" in problems(text)[0]


def test_an_anchor_inside_itself_is_refused() -> None:
    assert problems("a: &x [1, *x]\n") == ["f.yaml:1:11: *x stands inside its own anchor"]
    assert problems("a: &x\n  <<: *x\n") == ["f.yaml:2:7: *x stands inside its own anchor"]


def test_nesting_that_libyaml_itself_refuses_is_a_problem_too() -> None:
    assert "exceeded maximum nesting depth" in problems("[" * 5000)[0]


@pytest.mark.parametrize("text", ["[" * 300, "a: " + "{b: " * 300, "- " * 300 + "x"])
def test_deep_nesting_is_refused(text: str) -> None:
    assert f"nested deeper than {MAX_DEPTH} levels" in problems(text)[0]


def test_depth_through_aliases_is_refused() -> None:
    deep = "[" * 60 + "]" * 60
    text = f"a: &a {deep}\nb: " + "[" * 60 + "*a" + "]" * 60 + "\n"
    assert "nested deeper" in problems(text)[0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\tb\n", "1:3"),
        ("a: 1\nb: [1,\t2]\n", "2:7"),
        ("a: {b:\tc}\n", "1:7"),
    ],
)
def test_tabs_that_separate_are_refused(text: str, place: str) -> None:
    assert problems(text) == [f"f.yaml:{place}: a tab may not separate or indent (use spaces)"]


def test_tabs_that_indent_are_refused_by_either_parser() -> None:
    for pure in (False, True):
        (problem,) = problems("a:\n\tb: 1\n", pure=pure)
        assert "use spaces, not tabs" in problem


@pytest.mark.parametrize(
    "text",
    ['a: "x\ty"\n', "a: x\ty\n", "a: 1\t\n", "a: 1\t# c\td\n", "# a\tb\nc: 1\n", "a: |\n  x\ty\n"],
)
def test_tabs_in_texts_comments_and_line_ends_are_harmless(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\x01\x02", "f.yaml:1:1: is a binary file: it holds a NUL byte"),
        (b"a: b\nc: \x00", "f.yaml:2:4: is a binary file: it holds a NUL byte"),
        (b"\x89PNG\r\n\x1a\n\x00", "f.yaml:1:1: is not UTF-8 text: byte 0x89 (save it as UTF-8)"),
        (b"a: b\nc: caf\xe9", "f.yaml:2:7: is not UTF-8 text: byte 0xe9 (save it as UTF-8)"),
        (b"\xff\xfea\x00", "f.yaml: is UTF-16 (save it as UTF-8)"),
        (b"\xfe\xff\x00a", "f.yaml: is UTF-16 (save it as UTF-8)"),
    ],
)
def test_files_that_are_no_text_are_refused(data: bytes, message: str) -> None:
    assert problems(data) == [message]


@pytest.mark.parametrize(
    "character", ["\x85", "\u2028", "\u2029", "\x1b", "\x7f", "\x9b", "\ufffe"]
)
def test_characters_that_readers_disagree_on_are_refused(character: str) -> None:
    (problem,) = problems(f"a: 1\nb: x{character}y\n")
    assert problem.startswith(f"f.yaml:2:5: the character U+{ord(character):04X} ")
    assert documents(f'a: "\\u{ord(character):04x}"\n') == [{"a": character}]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    parsed = parse(b"\xef\xbb\xbfa: 1\n", "f.yaml")
    assert parsed.documents == [{"a": 1}]
    assert parsed.starts == [Where("f.yaml", 1, 1)]


def test_numbers_beyond_json_are_told_with_their_place() -> None:
    assert problems("a: .inf\nb: 99999999999999999999999\n") == [
        "f.yaml:1:4: .inf is no number that JSON can carry (quote it if it is a text)",
        "f.yaml:2:4: 99999999999999999999999 is no number that JSON can carry"
        " (quote it if it is a text)",
    ]


def test_windows_line_ends_are_line_ends() -> None:
    assert problems("a: 1\r\nb: 2\r\na: 3\r\n") == [
        'f.yaml:3:1: the key "a" is there twice, first at line 1'
    ]


def test_columns_count_characters() -> None:
    assert problems("{é: 1, 😀: 2, é: 3}\n") == [
        'f.yaml:1:14: the key "é" is there twice, first at line 1'
    ]


def test_directives_do_not_change_the_rules() -> None:
    assert documents("%YAML 1.1\n---\na: no\n") == [{"a": "no"}]


def test_every_problem_of_a_file_is_kept() -> None:
    assert len(problems("a: !x 1\na: 2\nb: *no\nc: [\n")) == 4


@given(JSON)
def test_both_parsers_give_the_same_values(value: Any) -> None:
    text = dump(value)
    assert documents(text, pure=True) == documents(text)

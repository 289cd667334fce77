from __future__ import annotations

import re
from pathlib import Path

import pytest

import services.config_api.formats as package
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.words import MALFORMED

SOURCES = "".join(
    path.read_text("utf-8")
    for path in sorted(Path(package.__path__[0]).glob("*.py"))
    if path.name != "words.py"
)


def test_a_refusal_is_told_in_both_languages_with_its_line() -> None:
    error = MalformedFile("column_unknown", 7, column='"x"')

    assert (error.code, error.line, error.facts) == ("column_unknown", 7, {"column": '"x"'})
    assert error.detail == 'There is no column "x".'
    assert str(error) == error.told("en") == 'There is no column "x". (line 7)'
    assert error.told("ja") == '"x" という列はありません。(7 行目)'
    assert error.told("fr") == error.told("en")


def test_without_a_line_none_is_told() -> None:
    assert MalformedFile("empty").told("en") == "The file is empty."


@pytest.mark.parametrize(
    ("reason", "japanese"),
    [
        ("Expecting ',' delimiter", "コンマ(,)がありません"),
        ("mismatched tag", "開始タグと終了タグが一致しません"),
        ("something new", "構文が正しくありません"),
    ],
)
def test_what_a_parser_says_is_told_in_japanese_too(reason: str, japanese: str) -> None:
    error = MalformedFile("not_json", reason=reason)

    assert reason in error.described("en")
    assert japanese in error.described("ja")


@pytest.mark.parametrize("code", sorted(MALFORMED))
def test_every_sentence_exists_twice_with_the_same_facts_and_is_used(code: str) -> None:
    english, japanese = MALFORMED[code]["en"], MALFORMED[code]["ja"]

    assert english.endswith(".")
    assert japanese.endswith("。")
    facts = set(re.findall(r"{(\w+)}", english))
    assert facts - {"reason"} == set(re.findall(r"{(\w+)}", japanese)) - {"reason"}
    assert f'"{code}"' in SOURCES

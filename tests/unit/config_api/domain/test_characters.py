from __future__ import annotations

import re

import pytest

from services.config_api.domain.characters import (
    has_control_characters,
    has_odd_characters,
    without_blanks_around,
    without_invisible,
)


@pytest.mark.parametrize(
    "character",
    ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x80", "\x9f", "\ud800", "\ufffe", "\uffff"],
)
def test_control_characters_are_found_anywhere(character: str) -> None:
    assert has_control_characters(f"a{character}b")


@pytest.mark.parametrize("text", ["", "経理部", "a b", "a\u2028b", "a\u00a0b", "😀", "\u200b"])
def test_any_other_text_holds_none(text: str) -> None:
    assert not has_control_characters(text)


@pytest.mark.parametrize(
    "text",
    [" a", "a ", "\u3000a", "a\u200bb", "a\u00ad", "\ufeffa", "a\u2060b", "a\u202eb", "a\u2028b"],
)
def test_blanks_at_the_ends_and_what_nobody_sees_are_odd(text: str) -> None:
    assert has_odd_characters(text)
    assert has_odd_characters(text, letters=False)


@pytest.mark.parametrize("letters", [True, False])
def test_plain_characters_are_odd_at_an_end_where_they_are_blank(*, letters: bool) -> None:
    for character in map(chr, range(0x80)):
        odd = re.match(r"\s", character) is not None
        for text in (character, f"{character}b", f"a{character}", f"a\n{character}"):
            assert has_odd_characters(text, letters=letters) == odd, repr(text)
        assert not has_odd_characters(f"a{character}b", letters=letters)


@pytest.mark.parametrize("text", ["\uff4dailer", "a\u3000b", "a\u00a0b", "pass\uff1aword"])
def test_wide_letters_are_odd_where_programs_read(text: str) -> None:
    assert has_odd_characters(text)
    assert not has_odd_characters(text, letters=False)


@pytest.mark.parametrize("text", ["", "a b", "経理部", "mailer@acme.example", "pässword"])
def test_usual_texts_are_not(text: str) -> None:
    assert not has_odd_characters(text)


def test_blanks_and_invisible_characters_around_are_taken_off() -> None:
    assert without_blanks_around("\ufeff\u3000 a\u200b b \u00a0\u200b") == "a\u200b b"


def test_a_long_run_of_blanks_takes_no_long_time() -> None:
    assert without_blanks_around("a" + " " * 1_000_000 + "b").endswith("b")


def test_invisible_characters_inside_are_taken_out() -> None:
    assert without_invisible("s\u200bm\u00adt\ufeffp") == "smtp"

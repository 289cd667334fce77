from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.conn_tester.reply import ServerReply, shown


def reply(code: int, *lines: str) -> ServerReply:
    return ServerReply(code=code, lines=lines)


@pytest.mark.parametrize(
    ("text", "enhanced"),
    [("5.7.8 no", "5.7.8"), ("5.7.139", "5.7.139"), ("5.7.8.1 no", None), ("no 5.7.8", None)],
)
def test_the_enhanced_code_is_what_the_text_begins_with(text: str, enhanced: str | None) -> None:
    assert reply(535, text).enhanced == enhanced


def test_lines_are_joined_and_quoted_with_the_code() -> None:
    assert reply(535, "5.7.8 no", "really").quoted == "535 5.7.8 no really"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("5.7.8 Authentication credentials invalid",), "Authentication credentials invalid"),
        (("5.7.8 no", "5.7.8 really", "5.7.9 other"), "no really 5.7.9 other"),
        (("5.7.8",), ""),
        (("no 5.7.8",), "no 5.7.8"),
    ],
)
def test_the_text_does_not_repeat_the_enhanced_code(lines: tuple[str, ...], text: str) -> None:
    assert reply(535, *lines).text == text


def test_what_is_judged_of_a_text_is_bounded() -> None:
    assert reply(535, *("5.7.8 " + "n" * 99,) * 300).text == (("n" * 99 + " ") * 30)[:2048]
    assert reply(535, "x" * 30_000).text == "x" * 2048


def test_the_enhanced_code_is_quoted_once() -> None:
    assert reply(535, "5.7.8 no", "5.7.8 really").quoted == "535 5.7.8 no really"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[0m\x00\x7f", "\\x1b[0m\\x00\\x7f"),
        ("a\u202eb\u200b\u2028", "a\\u202eb\\u200b\\u2028"),
        ("日本語 é", "日本語 é"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_and_invisible_characters_are_escaped(text: str, escaped: str) -> None:
    assert shown(text) == escaped


@given(st.text(max_size=2000))
def test_shown_text_is_short_and_printable(text: str) -> None:
    result = shown(text)
    assert len(result) <= 512
    assert not any(ord(character) < 32 for character in result)

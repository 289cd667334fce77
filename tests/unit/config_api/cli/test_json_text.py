from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.cli.json_text import BrokenOff, JsonText

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@given(VALUES, st.integers(1, 7), st.sampled_from([None, 1]))
def test_a_value_is_read_however_it_is_cut(value: object, size: int, indent: int | None) -> None:
    text = JsonText(cut(json.dumps(value, indent=indent), size))
    assert text.value() == value


@given(st.dictionaries(st.text(), VALUES), st.integers(1, 7))
def test_members_come_one_by_one(document: dict[str, object], size: int) -> None:
    text = JsonText(cut(json.dumps(document), size))
    assert {name: text.value() for name in text.members()} == document


@given(st.lists(VALUES), st.integers(1, 7))
def test_elements_come_one_by_one(elements: list[object], size: int) -> None:
    text = JsonText(cut(f" {json.dumps(elements)}\n", size))
    assert [text.value() for _ in text.elements()] == elements


@pytest.mark.parametrize("text", ["", "[", "[1", "[1,", "[1 2]", '{"a" 1}', "{1:", "<html>"])
def test_what_breaks_off_or_is_no_json_is_told(text: str) -> None:
    def read() -> None:
        one = JsonText([text])
        if text.startswith("{"):
            list(one.members())
        for _ in one.elements():
            one.value()

    with pytest.raises(BrokenOff):
        read()


def test_no_more_is_read_than_what_is_asked_for() -> None:
    chunks = iter(["[1, 2,", " 3]"])
    text = JsonText(chunks)
    elements = text.elements()
    next(elements)
    assert text.value() == 1
    assert next(chunks) == " 3]"

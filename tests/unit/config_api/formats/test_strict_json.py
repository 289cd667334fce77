from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.config_api.formats.strict_json import (
    MalformedDocument,
    check_levels,
    is_shallow,
    strict_json,
)

SURROGATE = re.compile("[\ud800-\udfff]")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def refused(data: bytes) -> MalformedDocument:
    with pytest.raises(MalformedDocument) as raised:
        strict_json(data)
    return raised.value


@given(JSON)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary() | st.from_regex(r'[\[\]{}",:0-9eE.+\\u-]{0,40}', fullmatch=True).map(str.encode))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"-")
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    try:
        value = strict_json(data)
    except MalformedDocument:
        return

    assert json.loads(data.decode("utf-8-sig")) == value


def test_a_byte_order_mark_is_passed_over() -> None:
    assert strict_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} x',
        b'"a\nb"',
        b"[01]",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"1e400",
        b"-1e400",
        b"9223372036854775808",
        b"-9223372036854775809",
        b"1" * 5_000,
        b'"\xff"',
        b'["\\ud800"]',
        b'{"\\udfff": 1}',
        b'{"a": 1, "a": 1}',
        b'{"x": {"a": 1, "b": 2, "a": 3}}',
        b'{"a": 1, "\\u0061": 2}',
    ],
)
def test_what_is_not_strictly_json_is_malformed(data: bytes) -> None:
    assert refused(data).detail


@pytest.mark.parametrize("levels", [33, 40, 5_000, 200_000])
def test_more_than_32_levels_are_malformed(levels: int) -> None:
    assert refused(nested(levels)).detail == "The document has more than 32 levels."


def test_32_levels_are_read() -> None:
    assert strict_json(nested(32)) is not None


def test_many_objects_in_objects_are_malformed_too() -> None:
    error = refused(b'{"a":' * 5_000 + b"1" + b"}" * 5_000)

    assert error.detail == "The document has more than 32 levels."


def test_the_line_of_a_mistake_is_told() -> None:
    assert refused(b'{\n"a": 1,\n"b" 2}').line == 3
    assert refused(b'{\n"a": "\xff"}').line == 2


def test_a_key_that_occurs_twice_is_named_shortly() -> None:
    data = json.dumps("k" * 500).encode()

    assert len(refused(b"{" + data + b":1," + data + b":2}").detail) < 160


def test_an_escaped_nul_is_for_the_field_to_refuse() -> None:
    assert strict_json(b'{"host": "a\\u0000b"}') == {"host": "a\x00b"}


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert strict_json(b'"\\ud83d\\ude00"') == "😀"


@given(JSON, st.integers(0, 40))
def test_what_is_found_shallow_would_pass_the_check_of_its_levels(value: Any, above: int) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if is_shallow(text, 0, len(text), above=above) and not SURROGATE.search(text):
        check_levels(value, above=above)


@pytest.mark.parametrize("text", ["[" * 33 + "]" * 33, '"\\ud800"', '{"\\u0061": 1}'])
def test_what_is_deep_or_escapes_a_character_is_not_found_shallow(text: str) -> None:
    assert not is_shallow(text, 0, len(text))
    assert is_shallow(f"{text}[1]", len(text), len(text) + 3)

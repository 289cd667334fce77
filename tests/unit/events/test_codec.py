from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.codec import (
    MalformedData,
    canonical_json,
    fact_json,
    floatless_json,
    from_data,
    json_text,
    spaced_json,
    to_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    number: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Free:
    free: dict[str, Any] = field(default_factory=lambda: {"share": 1e16})


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    name: str
    words: tuple[str, ...] = ()
    inner: Inner = field(default_factory=Inner)
    share: float = 0.0
    is_new: bool = False
    free: dict[str, Any] = field(default_factory=dict)


def test_json_has_one_form() -> None:
    assert canonical_json({"b": [1, True, None], "a": "ü\u0000"}) == (
        '{"a":"ü\\u0000","b":[1,true,null]}'.encode()
    )


@given(JSON)
def test_the_form_is_read_back_as_it_was(value: Any) -> None:
    once = canonical_json(value)
    assert json.loads(once) == value
    assert canonical_json(json.loads(once)) == once


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FLOATLESS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(FLOATLESS)
def test_values_without_floats_have_the_same_form_by_the_faster_way(value: Any) -> None:
    assert floatless_json(value) == canonical_json(value)


def test_both_ways_write_each_character_alike() -> None:
    texts = {chr(number): number for number in range(0x11_0000) if not 0xD800 <= number < 0xE000}
    assert floatless_json(texts) == canonical_json(texts)


@given(TEXT, st.floats(allow_nan=False, allow_infinity=False))
@example("a", 1e16)
def test_a_fact_has_the_canonical_form_of_its_data(name: str, share: float) -> None:
    for fact in (Shape(name=name, words=(name,), share=share), Inner(number=len(name)), Free()):
        assert fact_json(fact) == canonical_json(to_data(fact))


@given(JSON)
def test_json_in_the_order_of_its_members_is_read_back_in_it(value: Any) -> None:
    read = json.loads(json_text(value))
    assert repr(read) == repr(value)


@pytest.mark.parametrize("write", [floatless_json, json_text])
def test_lone_surrogates_are_refused_by_every_way(write: Callable[[Any], object]) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        write({"value": "\ud800"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json({"value": value})


def test_a_fact_survives_the_way_through_json() -> None:
    fact = Shape(
        name="ü", words=("a", "b"), inner=Inner(number=3), share=0.5, is_new=True, free={"a": [1]}
    )
    assert from_data(Shape, json.loads(canonical_json(to_data(fact)))) == fact


def test_defaults_are_written_out() -> None:
    assert to_data(Shape(name="x")) == {
        "name": "x", "words": [], "inner": {"number": None}, "share": 0.0, "is_new": False,
        "free": {},
    }  # fmt: skip


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert from_data(Shape, {"name": "x", "from_the_future": 1}) == Shape(name="x")


def test_a_whole_number_may_stand_for_one_with_decimals() -> None:
    assert from_data(Shape, {"name": "x", "share": 2}).share == 2.0


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": None},
        {"name": 5},
        {"name": "x", "inner": {"number": "5"}},
        {"name": "x", "inner": {"number": 1.5}},
        {"name": "x", "inner": {"number": True}},
        {"name": "x", "inner": 5},
        {"name": "x", "share": "1.5"},
        {"name": "x", "share": True},
        {"name": "x", "is_new": 1},
        {"name": "x", "words": [1]},
        {"name": "x", "words": 5},
    ],
)
def test_data_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedData, match="Shape"):
        from_data(Shape, data)


@given(JSON)
def test_json_with_blanks_says_the_same_as_the_standard_encoder(value: Any) -> None:
    assert json.loads(spaced_json(value)) == value
    if not re.search(r"\d[.e]", json.dumps(value)):
        assert spaced_json(value) == json.dumps(value, ensure_ascii=False)

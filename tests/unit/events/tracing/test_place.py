from __future__ import annotations

import re

import pytest

from events.tracing import at_place, begun, current, here, place_of

KNOWN = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_traceparent_names_a_place_and_is_named_again() -> None:
    place = place_of(f"00-{KNOWN}-00f067aa0ba902b7-01")
    assert place is not None
    assert (place.trace_id, place.span_id, place.sampled) == (KNOWN, "00f067aa0ba902b7", True)
    assert place.traceparent == f"00-{KNOWN}-00f067aa0ba902b7-01"


def test_what_is_not_sampled_stays_so() -> None:
    place = place_of(f"00-{KNOWN}-00f067aa0ba902b7-00")
    assert begun(place).traceparent.endswith("-00")


def test_a_later_version_may_say_more() -> None:
    assert place_of(f"01-{KNOWN}-00f067aa0ba902b7-01-more") is not None


@pytest.mark.parametrize(
    "header",
    [None, "", "x", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{KNOWN}-{'0' * 16}-01",
     f"00-{KNOWN.upper()}-00f067aa0ba902b7-01", f"00-{KNOWN}-00f067aa0ba902b7-01\n",
     f"ff-{KNOWN}-00f067aa0ba902b7-01"],
)  # fmt: skip
def test_a_header_that_names_no_trace_names_no_place(header: str | None) -> None:
    assert place_of(header) is None


def test_a_new_place_is_in_its_parents_trace_or_in_one_of_its_own() -> None:
    parent = begun()
    child = begun(parent)
    assert child.trace_id == parent.trace_id
    assert child.span_id != parent.span_id
    assert begun().trace_id != begun().trace_id
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", begun().traceparent)


def test_work_is_at_a_place_for_as_long_as_it_was_said() -> None:
    first, second = begun(), begun()
    here(first)
    with at_place(second):
        assert current() == second
    assert current() == first
    here(None)
    assert current() is None

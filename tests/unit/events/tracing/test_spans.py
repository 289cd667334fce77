"""What is told of spans, and to whom, without OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.tracing import begin, begun, current, here, record_with, recording, span
from tests.support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    one = Recorder()
    record_with(one)
    yield one
    record_with(None)


def test_a_span_within_another_is_its_child(recorder: Recorder) -> None:
    with span("outer") as outer, span("inner", attributes={"a": 1}) as inner:
        inner.note("b", "x")
    first, second = recorder.spans
    assert (first.parent, second.parent) == (None, outer.place)
    assert second.attributes == {"a": 1, "b": "x"}
    assert [one.ends for one in recorder.spans] == [1, 1]
    assert current() is None


def test_what_comes_from_outside_is_not_the_child_of_what_is_done_here(recorder: Recorder) -> None:
    with span("something"):
        begin("request", kind="server")
        begin("message", kind="consumer")
    assert [one.parent for one in recorder.spans] == [None, None, None]


def test_an_error_fails_the_span_by_its_name_alone(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="hunter2"), span("refused"):
        raise ValueError("hunter2")
    (one,) = recorder.spans
    assert (one.failure, one.ends) == ("ValueError", 1)
    assert "hunter2" not in repr(one)


def test_without_a_recorder_a_request_has_a_place_all_the_same() -> None:
    assert not recording()
    outside = begun()
    request = begin("request", kind="server", parent=outside)
    assert request.place is not None
    assert request.place.trace_id == outside.trace_id
    assert request.place != outside
    here(request.place)
    with span("inner") as inner:
        assert inner.place == request.place
        inner.note("a", 1)
        inner.fail("x")
    here(None)


def test_without_a_recorder_a_message_stands_where_it_says() -> None:
    sender = begun()
    with span("message", kind="consumer", parent=sender):
        assert current() == sender
    with span("message of no trace", kind="consumer"):
        assert current() is None

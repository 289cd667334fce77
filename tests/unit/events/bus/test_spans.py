"""Messages as spans: the receiver's is the child of the sender's, and a page fails as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.bus.port import Message
from events.bus.spans import TRACE_HEADER, Sendings, received
from events.tracing import begun, current, place_of, record_with
from tests.support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    one = Recorder()
    record_with(one)
    yield one
    record_with(None)


def test_a_page_is_a_span_a_message_until_it_is_confirmed(recorder: Recorder) -> None:
    request = begun()
    with Sendings("rabbitmq") as sendings:
        place = sendings.begin("relaybook.connection-tests", "m-1", request)
        assert [one.ends for one in recorder.spans] == [0]
    (one,) = recorder.spans
    assert (one.name, one.kind, one.parent) == (
        "send relaybook.connection-tests", "producer", request
    )  # fmt: skip
    assert one.place == place
    assert one.attributes == {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "send",
        "messaging.destination.name": "relaybook.connection-tests",
        "messaging.message.id": "m-1",
    }
    assert (one.ends, one.failure) == (1, None)


def test_what_belongs_to_no_trace_begins_none(recorder: Recorder) -> None:
    with Sendings("rabbitmq") as sendings:
        assert sendings.begin("relaybook.events", "m-1", None) is None
    assert recorder.spans == []


def test_a_page_that_was_not_taken_fails_all_its_spans(recorder: Recorder) -> None:
    sendings = Sendings("rabbitmq")
    sendings.begin("relaybook.events", "m-1", begun())
    sendings.begin("relaybook.events", "m-2", begun())
    with pytest.raises(LookupError), sendings:
        raise LookupError
    assert [(one.failure, one.ends) for one in recorder.spans] == [("LookupError", 1)] * 2


def test_a_message_is_worked_on_within_the_trace_that_it_carries(recorder: Recorder) -> None:
    sender = begun()
    message = Message(id="m-1", headers={TRACE_HEADER: sender.traceparent}, body=b"{}")
    with received(message, system="relaybook", queue="relaybook.connection-tests"):
        place = current()
    (one,) = recorder.spans
    assert (one.name, one.kind) == ("process relaybook.connection-tests", "consumer")
    assert one.parent == place_of(sender.traceparent) == sender
    assert one.place == place

"""What goes over a connection, and what is let in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from events.bus.port import Message, Outgoing
from events.bus.topology import DEAD_LETTERS, EVENTS, PROGRESS
from events.bus.wire import (
    QUEUE_HEADER,
    REASON_HEADER,
    Received,
    Undecodable,
    dead_letter,
    examine,
    parcel_of,
)

RECEIVED = Received(
    routing_key="relaybook.connection-tests",
    message_id="m1",
    headers={"ce-id": "e1", "ce-type": "x", "x-delivery-count": 2, "x-death": [{}]},
    content_type="application/json",
    body=b'{"n":1}',
    deliveries=3,
    redelivered=True,
)


@pytest.mark.parametrize(
    ("exchange", "persistent"), [(EVENTS, True), ("", True), (PROGRESS, False)]
)
def test_only_live_steps_may_be_lost(exchange: str, persistent: bool) -> None:
    outgoing = Outgoing(
        exchange=exchange, routing_key="k", message=Message(id="m", body=b"{}"), mandatory=False
    )
    assert parcel_of(outgoing).persistent is persistent


def test_a_message_shows_its_text_headers_only() -> None:
    assert examine(RECEIVED).headers == {"ce-id": "e1", "ce-type": "x"}


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"]
)
def test_json_is_known_by_its_media_type(content_type: str) -> None:
    assert examine(replace(RECEIVED, content_type=content_type)).id == "m1"


@pytest.mark.parametrize(
    "content_type", ["", "text/json", "application/x-python-serialize", "application/jsonx"]
)
def test_another_media_type_is_not_let_in(content_type: str) -> None:
    with pytest.raises(Undecodable, match="content type"):
        examine(replace(RECEIVED, content_type=content_type))


def test_the_event_id_stands_in_for_a_message_id() -> None:
    assert examine(replace(RECEIVED, message_id="")).id == "e1"


def test_a_dead_letter_keeps_the_message_and_adds_why() -> None:
    letter = dead_letter(RECEIVED, queue="relaybook.connection-tests", reason="because " * 500)
    assert (letter.exchange, letter.routing_key) == ("", DEAD_LETTERS)
    assert letter.body == RECEIVED.body
    assert letter.headers["ce-id"] == "e1"
    assert letter.headers[QUEUE_HEADER] == "relaybook.connection-tests"
    assert letter.headers[REASON_HEADER].startswith("because")
    assert len(letter.headers[REASON_HEADER]) == 1000
    assert letter.mandatory
    assert letter.persistent

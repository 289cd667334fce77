"""The description of the bus covers all that is published, and what is published is as it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from events.bus.asyncapi import asyncapi_document
from events.bus.cloudevents import to_message, type_name
from events.bus.topology import EVENTS, PROGRESS, WORK_QUEUES
from events.bus.work import encode_work
from events.catalogue import CATALOGUE
from events.detection import DetectionResult
from events.messages import (
    DetectionDispatched,
    DetectionReported,
    TestDispatched,
    TestProgressed,
)
from tests.support.events import a_recorded_event

if TYPE_CHECKING:
    from events.bus.port import Message
    from events.messages import WorkMessage

DOCUMENT = asyncapi_document("1.2.3")
GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "events"
NEWEST = [(shape.TYPE, shape.SCHEMA_VERSION) for shape in CATALOGUE.values()]
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def wrong_in(message: Message) -> list[str]:
    """Return what is wrong with a message by the description of its type."""
    described = DOCUMENT["components"]["messages"][message.headers["ce-type"]]
    said = {"headers": dict(message.headers), "payload": json.loads(message.body)}
    return [
        error.message
        for part, value in said.items()
        for error in Draft202012Validator(
            described[part] | {"components": DOCUMENT["components"]}
        ).iter_errors(value)
    ]


@pytest.mark.parametrize(("type_", "version"), NEWEST)
def test_each_event_is_published_as_it_is_described(type_: str, version: int) -> None:
    data = (GOLDEN / f"{type_}.v{version}.json").read_bytes()
    message = to_message(a_recorded_event(type=type_, schema_version=version, data=data))
    assert wrong_in(message) == []


@pytest.mark.parametrize(
    "said",
    [
        TestDispatched(test_id="test-1", attempt=1),
        TestProgressed(test_id="test-1", attempt=1, steps=()),
        DetectionDispatched(detection_id="d-1", attempt=1),
        DetectionReported(detection_id="d-1", attempt=1, result=DetectionResult()),
    ],
)
def test_work_is_sent_as_it_is_described(said: WorkMessage) -> None:
    assert wrong_in(encode_work(said, at=AT)) == []


def test_a_message_with_another_shape_does_not_fit_the_description() -> None:
    named, unnamed = b'{"setting_id":"acme"}', b"{}"
    event = a_recorded_event(type="smtp_setting.deleted", data=named)
    assert wrong_in(to_message(event)) == []
    event = a_recorded_event(type="smtp_setting.deleted", data=unnamed)
    assert wrong_in(to_message(event)) == ["'setting_id' is a required property"]


def test_each_event_has_a_channel_on_the_exchange_of_events() -> None:
    for type_, version in NEWEST:
        channel = DOCUMENT["channels"][type_]
        assert channel["address"] == type_
        assert channel["bindings"]["amqp"]["exchange"]["name"] == EVENTS
        assert list(channel["messages"]) == [type_name(type_, version)]


def test_each_work_queue_and_the_live_steps_have_a_channel() -> None:
    bindings = [channel["bindings"]["amqp"] for channel in DOCUMENT["channels"].values()]
    queues = {one["queue"]["name"] for one in bindings if one["is"] == "queue"}
    assert queues == set(WORK_QUEUES)
    exchanges = {one["exchange"]["name"] for one in bindings if one["is"] == "routingKey"}
    assert exchanges == {EVENTS, PROGRESS}


def test_live_steps_alone_are_not_kept_by_the_broker() -> None:
    modes = {
        name: operation["bindings"]["amqp"]["deliveryMode"]
        for name, operation in DOCUMENT["operations"].items()
    }
    passing = {name for name, mode in modes.items() if mode == 1}
    assert passing == {"send.connection_test.progressed"}

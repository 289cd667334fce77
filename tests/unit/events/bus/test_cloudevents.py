"""Recorded events as CloudEvents, compared with what the SDK makes of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from msgspec.structs import replace

from events.bus.cloudevents import context_attributes, to_json, to_message, to_outgoing
from events.bus.topology import EVENTS
from events.envelope import RecordedEvent

EVENT = RecordedEvent(
    position=42,
    stream="smtp_setting-acme-mail",
    version=7,
    id="6f0c2a52-4d3a-4a57-8f43-2a4f6a1c9d10",
    type="smtp_setting.updated",
    schema_version=1,
    tenant="acme-mail",
    recorded_at=datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC),
    actor="user:太郎",
    source_ip="192.0.2.7",
    correlation_id="c0ffee",
    causation_id="cause",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data='{"setting_id":"acme-mail","x_mailer":"値"}'.encode(),
    salt=b"salt",
    content_hash=b"hash",
)
SYSTEM_EVENT = replace(EVENT, source_ip=None, causation_id=None, traceparent=None)


def test_every_attribute_of_the_contract_is_a_header() -> None:
    assert to_message(EVENT).headers == {
        "ce-specversion": "1.0",
        "ce-id": EVENT.id,
        "ce-source": "/relaybook",
        "ce-type": "relaybook.smtp_setting.updated.v1",
        "ce-subject": "smtp_setting/acme-mail",
        "ce-time": "2026-03-04T05:06:07.891011Z",
        "ce-position": "42",
        "ce-streamversion": "7",
        "ce-actor": "user:太郎",
        "ce-sourceip": "192.0.2.7",
        "ce-correlationid": "c0ffee",
        "ce-causationid": "cause",
        "ce-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }


def test_the_body_is_the_stored_data_byte_for_byte() -> None:
    assert to_message(EVENT).body == EVENT.data
    assert to_message(EVENT).id == EVENT.id


def test_what_an_event_lacks_has_no_attribute() -> None:
    missing = {"ce-sourceip", "ce-causationid", "ce-traceparent"}
    assert set(to_message(EVENT).headers) - set(to_message(SYSTEM_EVENT).headers) == missing


def test_an_event_goes_to_the_exchange_of_events_by_its_type() -> None:
    outgoing = to_outgoing(EVENT)
    assert (outgoing.exchange, outgoing.routing_key) == (EVENTS, "smtp_setting.updated")
    assert not outgoing.mandatory


def test_a_receiver_with_the_sdk_reads_what_was_sent() -> None:
    sent = to_message(EVENT)
    read = from_binary_event(
        RabbitMQMessage(headers=sent.headers, content_type="application/json", body=sent.body)
    )
    assert read.get_time() == EVENT.recorded_at
    assert read.get_extension("position") == "42"
    assert read.get_data() == json.loads(EVENT.data)


def test_the_json_form_is_the_one_of_the_sdk() -> None:
    for event in (EVENT, SYSTEM_EVENT):
        by_sdk = JSONFormat().write(CloudEvent(context_attributes(event), json.loads(event.data)))
        assert to_json(event) == json.loads(by_sdk)


def test_times_are_given_in_utc() -> None:
    tokyo = EVENT.recorded_at.astimezone(timezone(timedelta(hours=9)))
    assert to_json(replace(EVENT, recorded_at=tokyo))["time"] == "2026-03-04T05:06:07.891011Z"

"""Recorded events as CloudEvents 1.0: in binary mode for the bus, as JSON for HTTP."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from cloudevents.core.bindings.rabbitmq import to_binary_event
from cloudevents.core.v1.event import CloudEvent

from events.bus.port import Message, Outgoing
from events.bus.topology import EVENTS
from events.envelope import subject_of

if TYPE_CHECKING:
    from datetime import datetime

    from events.envelope import RecordedEvent

SOURCE: Final = "/relaybook"
JSON_CONTENT: Final = "application/json"


def type_name(type_: str, schema_version: int) -> str:
    """Return the CloudEvents type, such as `relaybook.smtp_setting.updated.v1`."""
    return f"relaybook.{type_}.v{schema_version}"


def context_attributes(event: RecordedEvent) -> dict[str, Any]:
    """Return the context attributes of an event (contract, section 9); those without value lack."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": SOURCE,
        "type": type_name(event.type, event.schema_version),
        "subject": subject_of(event.stream),
        "time": event.recorded_at.astimezone(UTC),
        "datacontenttype": JSON_CONTENT,
        "position": str(event.position),
        "streamversion": str(event.version),
        "actor": event.actor,
        "sourceip": event.source_ip,
        "correlationid": event.correlation_id,
        "causationid": event.causation_id,
        "traceparent": event.traceparent,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def to_message(event: RecordedEvent) -> Message:
    """Return an event in binary mode (RabbitMQ binding): attributes as `ce-` headers."""
    return binary_mode(context_attributes(event), event.data)


def to_outgoing(event: RecordedEvent) -> Outgoing:
    """Return an event for the exchange of events; nobody needs to have asked for it."""
    return Outgoing(
        exchange=EVENTS, routing_key=event.type, message=to_message(event), mandatory=False
    )


def to_json(event: RecordedEvent) -> dict[str, Any]:
    """Return an event in structured mode (CloudEvents JSON format) as plain JSON types."""
    attributes = context_attributes(event)
    return {
        **attributes,
        "time": rfc3339(attributes["time"]),
        "data": json.loads(event.data),
    }


def binary_mode(attributes: dict[str, Any], data: bytes) -> Message:
    """Return a CloudEvent with these attributes and JSON data as a message.

    Raises cloudevents' CloudEventValidationError where the attributes make no CloudEvent.
    """
    encoded = to_binary_event(CloudEvent(attributes, data))
    return Message(id=attributes["id"], headers=encoded.headers, body=encoded.body)


def rfc3339(at: datetime) -> str:
    """Return a moment in UTC as CloudEvents writes it."""
    return at.isoformat().replace("+00:00", "Z")

"""What travels over the bus, as AsyncAPI 3 describes it: made from the facts themselves."""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Any, Final

import msgspec

from events.bus.cloudevents import JSON_CONTENT, SOURCE, type_name
from events.bus.topology import EVENTS, PROGRESS
from events.bus.work import QUEUES, SHAPES
from events.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

ASYNCAPI: Final = "3.0.0"
_SCHEMAS: Final = "#/components/schemas/"
_MESSAGES: Final = "#/components/messages/"
_AMQP: Final = "0.3.0"  # the version of AsyncAPI's bindings for AMQP 0-9-1
_PERSISTENT: Final = 2
_PASSING: Final = 1
_ABOUT: Final = (
    "CloudEvents 1.0 in binary mode: their attributes are headers that begin with `ce-`, the body "
    "is JSON. Events are published in position order, at least once: receivers pass over an id "
    "that they know. An event keeps the schema version under which it was recorded. Messages "
    "name secrets by id and version and never hold one. What travels between the relay and the "
    "testers is described for operators; others bind queues of their own to `relaybook.events`."
)
_LICENSE: Final = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "string", "pattern": "^[0-9]+$"}
_INSTANT: Final = {"type": "string", "format": "date-time"}
_WORK_HEADERS: Final = {
    "ce-specversion": {"type": "string", "const": "1.0"},
    "ce-id": _TEXT,
    "ce-source": {"type": "string", "const": SOURCE},
    "ce-subject": _TEXT,
    "ce-time": _INSTANT,
}
_EVENT_HEADERS: Final = _WORK_HEADERS | {
    "ce-position": _NUMBER,
    "ce-streamversion": _NUMBER,
    "ce-actor": _TEXT,
    "ce-correlationid": _TEXT,
}
_TRACE: Final = {"ce-traceparent": _TEXT}
_WHERE_KNOWN: Final = {"ce-sourceip": _TEXT, "ce-causationid": _TEXT, **_TRACE}


def asyncapi_document(version: str) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of this version of the product, as plain JSON types."""
    facts, work = list(CATALOGUE.values()), list(SHAPES.values())
    described = [*map(_event, facts), *map(_work, work)]
    _, schemas = msgspec.json.schema_components([*facts, *work], ref_template=_SCHEMAS + "{name}")
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Relaybook",
            "version": version,
            "description": _ABOUT,
            "license": _LICENSE,
        },
        "defaultContentType": JSON_CONTENT,
        "channels": {key: channel for key, channel, _ in described},
        "operations": dict(_operations(key for key, _, _ in described)),
        "components": {
            "messages": {message["name"]: message for _, _, message in described},
            "schemas": {
                **schemas,
                "EventHeaders": _headers(_EVENT_HEADERS, _WHERE_KNOWN),
                "WorkHeaders": _headers(_WORK_HEADERS, _TRACE),
            },
        },
    }


def _event(shape: type[Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return an event's channel by its key, and its message."""
    return _channel(shape, shape.TYPE, _topic(EVENTS), "EventHeaders")


def _work(shape: type[Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the channel of what relay and testers say to each other, and its message."""
    queue = QUEUES.get(shape)
    if queue is None:
        return _channel(shape, shape.TYPE, _topic(PROGRESS), "WorkHeaders")
    named = {"name": queue, "durable": True, "exclusive": False, "autoDelete": False}
    return _channel(shape, queue, {"is": "queue", "queue": named}, "WorkHeaders")


def _topic(exchange: str) -> dict[str, Any]:
    named = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {"is": "routingKey", "exchange": named}


def _channel(
    shape: type[Any], address: str, bindings: dict[str, Any], headers: str
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    name = type_name(shape.TYPE, shape.SCHEMA_VERSION)
    channel = {
        "address": address,
        "messages": {name: {"$ref": _MESSAGES + name}},
        "bindings": {"amqp": {**bindings, "bindingVersion": _AMQP}},
    }
    typed = {"type": "object", "properties": {"ce-type": {"const": name}}, "required": ["ce-type"]}
    message = {
        "name": name,
        "summary": (getdoc(shape) or "").partition("\n")[0],
        "contentType": JSON_CONTENT,
        "headers": {"allOf": [{"$ref": _SCHEMAS + headers}, typed]},
        "payload": {"$ref": _SCHEMAS + shape.__name__},
    }
    return shape.TYPE, channel, message


def _operations(keys: Iterable[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield one operation a channel: all are sent, by the relay or by a tester."""
    live = {shape.TYPE for shape in SHAPES.values() if shape not in QUEUES}
    for key in keys:
        mode = _PASSING if key in live else _PERSISTENT
        yield (
            f"send.{key}",
            {
                "action": "send",
                "channel": {"$ref": f"#/channels/{key}"},
                "bindings": {"amqp": {"deliveryMode": mode, "bindingVersion": _AMQP}},
            },
        )


def _headers(always: dict[str, Any], where_known: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**always, **where_known},
        "required": sorted(always),
    }

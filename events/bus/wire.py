"""Messages as they go over a connection, and the check of what comes in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from events.bus.port import BusError, Message, Outgoing
from events.bus.topology import DEAD_LETTERS, DIRECT, PROGRESS

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_CONTENT: Final = "application/json"
REASON_HEADER: Final = "relaybook-reason"
QUEUE_HEADER: Final = "relaybook-queue"

#: Headers are kept in one frame of the connection with everything else around a message.
_REASON_LENGTH = 1000


class Undecodable(BusError):
    """A received message is not JSON, or has no id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What is handed to a broker; `persistent` survives the broker's restart."""

    exchange: str
    routing_key: str
    message_id: str
    headers: Mapping[str, str]
    content_type: str
    body: bytes
    mandatory: bool
    persistent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """What a broker handed over, unexamined; `deliveries` counts this one too."""

    routing_key: str
    message_id: str
    headers: Mapping[str, Any]
    content_type: str
    body: bytes
    deliveries: int
    redelivered: bool


def parcel_of(outgoing: Outgoing) -> Parcel:
    """Return a message ready for the wire; live steps are not worth a disk."""
    return Parcel(
        exchange=outgoing.exchange,
        routing_key=outgoing.routing_key,
        message_id=outgoing.message.id,
        headers=outgoing.message.headers,
        content_type=JSON_CONTENT,
        body=outgoing.message.body,
        mandatory=outgoing.mandatory,
        persistent=outgoing.exchange != PROGRESS,
    )


def examine(received: Received) -> Message:
    """Return the message; raises Undecodable where it is not JSON (RFC 8259) or has no id."""
    media_type = received.content_type.partition(";")[0].strip().lower()
    if media_type != JSON_CONTENT:
        raise Undecodable(f"content type {received.content_type!r} instead of {JSON_CONTENT}")
    require_json(received.body)
    message = as_message(received)
    if not message.id:
        raise Undecodable("the message has no id")
    return message


def as_message(received: Received) -> Message:
    """Return the message as it came, its text headers only."""
    headers = {name: value for name, value in received.headers.items() if isinstance(value, str)}
    return Message(
        id=received.message_id or headers.get("ce-id", ""), headers=headers, body=received.body
    )


def require_json(body: bytes) -> None:
    """Raise Undecodable where a body is not JSON in UTF-8."""
    try:
        json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"the body is not JSON: {type(error).__name__}") from error


def dead_letter(received: Received, *, queue: str, reason: str) -> Parcel:
    """Return a received message as dead letter, with the queue it came from and the reason."""
    kept = as_message(received)
    return Parcel(
        exchange=DIRECT,
        routing_key=DEAD_LETTERS,
        message_id=kept.id,
        headers={
            **kept.headers,
            QUEUE_HEADER: queue,
            REASON_HEADER: reason[:_REASON_LENGTH],
        },
        content_type=received.content_type or "application/octet-stream",
        body=received.body,
        mandatory=True,
        persistent=True,
    )


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")

"""What relay and testers say to each other, as CloudEvents in binary mode."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

import msgspec
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_binary_event
from cloudevents.core.exceptions import BaseCloudEventException

from events.bus.cloudevents import JSON_CONTENT, SOURCE, rfc3339, type_name
from events.bus.port import BusError, Message, Outgoing
from events.bus.topology import (
    CONNECTION_TEST_RESULTS,
    CONNECTION_TESTS,
    DETECTIONS,
    DIRECT,
    PROGRESS,
)
from events.codec import MalformedData, from_json
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.detection import CATEGORY as DETECTION_CATEGORY
from events.envelope import stream_name, subject_of
from events.messages import (
    DetectionDispatched,
    DetectionReported,
    TestDispatched,
    TestProgressed,
    TestReported,
)

if TYPE_CHECKING:
    from datetime import datetime

    from events.messages import WorkMessage

#: Written at once, without an object for every step: a test sends eight messages or more.
_ENCODER: Final = msgspec.json.Encoder(order="sorted")

#: In place of a body that is read by the shape that its attributes name, once.
_UNREAD: Final = b"{}"

#: CloudEvents type → what it is.
SHAPES: Final[dict[str, type[WorkMessage]]] = {
    type_name(shape.TYPE, shape.SCHEMA_VERSION): shape
    for shape in (
        TestDispatched,
        TestProgressed,
        TestReported,
        DetectionDispatched,
        DetectionReported,
    )
}
#: What must reach one receiver → its queue; the rest is for whoever listens to the progress.
QUEUES: Final[dict[type[WorkMessage], str]] = {
    TestDispatched: CONNECTION_TESTS,
    TestReported: CONNECTION_TEST_RESULTS,
    DetectionDispatched: DETECTIONS,
    DetectionReported: CONNECTION_TEST_RESULTS,
}


class NotUnderstood(BusError):
    """A message holds nothing that this version of the program can act on."""


class MalformedMessage(NotUnderstood):
    """A message is not what its type says, or no CloudEvent at all."""


class UnknownMessage(NotUnderstood):
    """A message is of a type or schema version that this version of the program does not know."""


def work_id(message: WorkMessage) -> str:
    """Return the id by which receivers deduplicate: the same for the same thing said again."""
    kind = message.TYPE.rpartition(".")[2]
    said = f"{kind}.{len(message.steps)}" if isinstance(message, TestProgressed) else kind
    return f"{_about(message)[1]}.{message.attempt}.{said}"


def encode_work(message: WorkMessage, *, at: datetime, traceparent: str | None = None) -> Message:
    """Return a work message as CloudEvent in binary mode; `at` is now, an aware datetime.

    Its attributes are what they have to be; the library's checks took longer than all the rest.
    """
    id_ = work_id(message)
    headers = {
        "ce-specversion": "1.0",
        "ce-id": id_,
        "ce-source": SOURCE,
        "ce-type": type_name(message.TYPE, message.SCHEMA_VERSION),
        "ce-subject": subject_of(stream_name(*_about(message))),
        "ce-time": rfc3339(at.astimezone(UTC)),
    }
    if traceparent is not None:
        headers["ce-traceparent"] = traceparent
    return Message(id=id_, headers=headers, body=_ENCODER.encode(message))


def work_outgoing(
    message: WorkMessage, *, at: datetime, traceparent: str | None = None
) -> Outgoing:
    """Return a work message with its destination: work and results must reach their queue."""
    encoded = encode_work(message, at=at, traceparent=traceparent)
    if isinstance(message, TestProgressed):
        return Outgoing(
            exchange=PROGRESS, routing_key=message.TYPE, message=encoded, mandatory=False
        )
    return Outgoing(
        exchange=DIRECT, routing_key=QUEUES[type(message)], message=encoded, mandatory=True
    )


def _about(message: WorkMessage) -> tuple[str, str]:
    """Return the category and the id of what a message is about."""
    if isinstance(message, DetectionDispatched | DetectionReported):
        return DETECTION_CATEGORY, message.detection_id
    return TEST_CATEGORY, message.test_id


def decode_work(message: Message) -> WorkMessage:
    """Return the work message in a received message; its trace is header `ce-traceparent`.

    Raises MalformedMessage, UnknownMessage.
    """
    try:
        event = from_binary_event(
            RabbitMQMessage(headers=message.headers, content_type=JSON_CONTENT, body=_UNREAD)
        )
    except (BaseCloudEventException, ValueError) as error:
        raise MalformedMessage(f"no CloudEvent: {error}") from error
    shape = SHAPES.get(event.get_type())
    if shape is None:
        raise UnknownMessage(f"message type {event.get_type()} is not known here")
    try:
        return from_json(shape, message.body)
    except MalformedData as error:
        raise MalformedMessage(str(error)) from error

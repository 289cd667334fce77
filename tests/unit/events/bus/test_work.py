"""Work messages survive the way to the other service, and nothing else passes for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.rabbitmq import to_binary_event
from cloudevents.core.v1.event import CloudEvent

from events.bus.port import Message
from events.bus.topology import (
    CONNECTION_TEST_RESULTS,
    CONNECTION_TESTS,
    DETECTIONS,
    DIRECT,
    PROGRESS,
)
from events.bus.work import (
    MalformedMessage,
    UnknownMessage,
    decode_work,
    encode_work,
    work_id,
    work_outgoing,
)
from events.connection_test import Reply, Step, TestResult
from events.detection import DetectionResult, Evidence, Proposal
from events.messages import (
    DetectionDispatched,
    DetectionReported,
    TestDispatched,
    TestProgressed,
    TestReported,
    WorkMessage,
)

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DISPATCHED = TestDispatched(test_id="t1", attempt=2)
STEP = Step(name="dns", state="passed", at_ms=0.0, duration_ms=1.5, detail={"addresses": ["値"]})
PROGRESSED = TestProgressed(test_id="t1", attempt=2, steps=(STEP,))
REPORTED = TestReported(
    test_id="t1",
    attempt=2,
    result=TestResult(
        verdict="failed",
        code="bad_credentials",
        step="auth",
        reply=Reply(code=535, enhanced="5.7.8", text="no"),
        steps=(STEP,),
    ),
)
SEARCH = DetectionDispatched(detection_id="d1", attempt=1)
SEARCHED = DetectionReported(
    detection_id="d1",
    attempt=1,
    result=DetectionResult(
        proposals=(
            Proposal(host="a.b", port=25, security="none", evidence=(Evidence(code="usual_name"),)),
        ),
        notes=(Evidence(code="null_mx", facts={"domain": "例.example"}),),
    ),
)
ALL = pytest.mark.parametrize(
    "message", [DISPATCHED, PROGRESSED, REPORTED, SEARCH, SEARCHED], ids=lambda m: m.TYPE
)


@ALL
def test_a_message_is_read_as_it_was_written(message: WorkMessage) -> None:
    assert decode_work(encode_work(message, at=AT)) == message


@ALL
def test_a_message_says_the_same_twice(message: WorkMessage) -> None:
    assert encode_work(message, at=AT) == encode_work(message, at=AT)


def test_a_message_is_a_cloudevent_about_its_test() -> None:
    encoded = encode_work(DISPATCHED, at=AT, traceparent=TRACE)
    assert encoded.headers == {
        "ce-specversion": "1.0",
        "ce-id": "t1.2.dispatched",
        "ce-source": "/relaybook",
        "ce-type": "relaybook.connection_test.dispatched.v1",
        "ce-subject": "connection_test/t1",
        "ce-time": "2026-03-04T05:06:07Z",
        "ce-traceparent": TRACE,
    }
    assert encoded.id == "t1.2.dispatched"


def test_a_message_is_a_cloudevent_about_its_detection() -> None:
    encoded = encode_work(SEARCH, at=AT)
    assert encoded.id == "d1.1.dispatched"
    assert encoded.headers["ce-subject"] == "detection/d1"


@ALL
def test_a_message_is_what_the_library_makes_of_its_attributes(message: WorkMessage) -> None:
    at = datetime(2026, 3, 4, 14, 6, 7, 89, tzinfo=timezone(timedelta(hours=9)))
    encoded = encode_work(message, at=at, traceparent=TRACE)
    attributes = {
        name.removeprefix("ce-"): value
        for name, value in encoded.headers.items()
        if name != "ce-time"
    }
    made = to_binary_event(CloudEvent({**attributes, "time": at.astimezone(UTC)}, encoded.body))
    assert encoded.headers == made.headers
    assert encoded.body == made.body


def test_ids_tell_apart_what_is_not_the_same() -> None:
    later = replace(PROGRESSED, steps=(STEP, STEP))
    again = replace(DISPATCHED, attempt=3)
    ids = {work_id(message) for message in (DISPATCHED, again, PROGRESSED, later, REPORTED)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("message", "exchange", "routing_key", "mandatory"),
    [
        (DISPATCHED, DIRECT, CONNECTION_TESTS, True),
        (REPORTED, DIRECT, CONNECTION_TEST_RESULTS, True),
        (PROGRESSED, PROGRESS, "connection_test.progressed", False),
        (SEARCH, DIRECT, DETECTIONS, True),
        (SEARCHED, DIRECT, CONNECTION_TEST_RESULTS, True),
    ],
)
def test_each_message_has_its_destination(
    message: WorkMessage, exchange: str, routing_key: str, mandatory: bool
) -> None:
    outgoing = work_outgoing(message, at=AT, traceparent=TRACE)
    assert (outgoing.exchange, outgoing.routing_key) == (exchange, routing_key)
    assert outgoing.mandatory is mandatory
    assert outgoing.message.headers["ce-traceparent"] == TRACE


def _changed(body: bytes = b"", **headers: str) -> Message:
    encoded = encode_work(DISPATCHED, at=AT)
    changed = {f"ce-{name}": value for name, value in headers.items()}
    return replace(encoded, headers={**encoded.headers, **changed}, body=body or encoded.body)


@pytest.mark.parametrize(
    "message",
    [
        Message(id="x", body=b"{}"),
        _changed(time="yesterday"),
        _changed(specversion="9"),
        _changed(body=b"[]"),
        _changed(body=b'"text"'),
        _changed(body=b"{not json"),
        _changed(body=b"{}"),
        _changed(body=b'{"test_id":"t1","attempt":"two"}'),
        replace(_changed(), body=b""),
    ],
    ids=["no attributes", "time", "version", "list", "text", "syntax", "fields", "type", "empty"],
)
def test_what_is_not_a_work_message_is_malformed(message: Message) -> None:
    with pytest.raises(MalformedMessage):
        decode_work(message)


@pytest.mark.parametrize(
    "type_",
    ["relaybook.connection_test.dispatched.v2", "relaybook.smtp_setting.updated.v1", "other"],
)
def test_a_type_or_version_of_another_time_is_unknown(type_: str) -> None:
    with pytest.raises(UnknownMessage, match=type_):
        decode_work(_changed(type=type_))


def test_fields_of_a_newer_program_are_passed_over() -> None:
    message = _changed(body=b'{"test_id":"t1","attempt":2,"priority":9}')
    assert decode_work(message) == DISPATCHED

from __future__ import annotations

from typing import Any

import pytest

from events.catalogue import UnknownEvent
from events.detection import DetectionCompleted, DetectionRequested, DetectionResult, Evidence
from services.config_api.domain.detection import (
    CloseUndetected,
    CompleteDetection,
    DetectionState,
    RequestDetection,
    UndetectedCode,
    decide,
    fold,
)
from services.config_api.domain.errors import DetectionNotFound, InvalidDomain
from tests.support.settings import ALICE, recorded

ID = "d-1"
ASKED = DetectionRequested(detection_id=ID, domain="acme.example")
NOTHING = DetectionResult()
ENDED = DetectionCompleted(detection_id=ID, attempts=1, result=NOTHING)


def state_after(*facts: Any) -> DetectionState:
    return fold(ID, recorded(facts))


def close(code: UndetectedCode, attempts: int = 0) -> CloseUndetected:
    return CloseUndetected(detection_id=ID, code=code, attempts=attempts, limit_ms=60_000)


def test_a_domain_is_asked_for_as_it_is_looked_up() -> None:
    command = RequestDetection(detection_id=ID, domain=" Müller.Example ")
    asked = DetectionRequested(detection_id=ID, domain="xn--mller-kva.example")
    assert decide(command, state_after()) == [asked]


def test_a_result_ends_it_and_a_second_one_has_no_effect() -> None:
    command = CompleteDetection(detection_id=ID, attempt=1, result=NOTHING)
    assert decide(command, state_after(ASKED)) == [ENDED]
    assert decide(command, state_after(ASKED, ENDED)) == []


@pytest.mark.parametrize(
    ("command", "note"),
    [
        (close("no_tester"), Evidence(code="no_tester")),
        (
            close("deadline_exceeded", 3),
            Evidence(code="deadline_exceeded", facts={"limit_ms": 60_000}),
        ),
    ],
)
def test_what_nobody_ended_is_closed_with_the_reason(
    command: CloseUndetected, note: Evidence
) -> None:
    (ended,) = decide(command, state_after(ASKED))
    assert isinstance(ended, DetectionCompleted)
    assert (ended.attempts, ended.result) == (command.attempts, DetectionResult(notes=(note,)))


def test_what_is_not_there_cannot_end() -> None:
    with pytest.raises(DetectionNotFound):
        decide(close("no_tester"), state_after())


def test_the_state_tells_who_asked_and_how_it_ended() -> None:
    unknown = UnknownEvent(type="detection.moved", schema_version=1, data={})
    state = state_after(ASKED, ENDED, unknown)
    assert (state.exists, state.ended, state.version) == (True, True, 3)
    assert (state.domain, state.requested_by) == ("acme.example", ALICE)
    assert state.requested_at == state_after(ASKED).requested_at
    assert state.requested_at is not None
    assert (state.result, state.attempts) == (NOTHING, 1)
    assert not state_after().exists
    assert not state_after(ASKED).ended


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("", "domain_missing", None),
        ("mailer@acme.example", "domain_is_address", {"domain": "acme.example"}),
        ("Acme <mailer@ACME.example>", "domain_is_address", {"domain": "acme.example"}),
        ("https://acme.example/mail", "domain_is_more", {"domain": "acme.example"}),
        ("acme.example:587", "domain_is_more", {"domain": "acme.example"}),
        ("https://192.0.2.7/", "domain_is_more", None),
        ("@", "domain_is_address", None),
        ("192.0.2.7", "domain_incomplete", None),
        ("localhost", "domain_incomplete", None),
        ("user@localhost", "domain_is_address", None),
        ("a b.example", "host_invalid", None),
        ("acme.example\r\n", "control_characters", None),
    ],
)
def test_what_is_no_domain_is_refused_with_the_domain_in_it(
    text: str, code: str, fix: dict[str, str] | None
) -> None:
    with pytest.raises(InvalidDomain) as refused:
        decide(RequestDetection(detection_id=ID, domain=text), state_after())
    (error,) = refused.value.errors
    assert (error.pointer, error.code, error.fix) == ("/domain", code, fix)

"""What a detection's stream says: its state, and which facts a command on it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from events.detection import (
    DetectionCompleted,
    DetectionEvent,
    DetectionRequested,
    DetectionResult,
    Evidence,
)
from services.config_api.domain.errors import DetectionNotFound
from services.config_api.domain.mail_domain import read_mail_domain
from services.config_api.domain.setting import Recorded

UndetectedCode = Literal["no_tester", "deadline_exceeded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionState:
    """A detection at one version of its stream; version 0 is a stream without events.

    `result` is None while it goes on.
    """

    detection_id: str
    version: int = 0
    domain: str | None = None
    requested_at: datetime | None = None
    requested_by: str | None = None
    result: DetectionResult | None = None
    attempts: int = 0
    finished_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """True once it was asked for."""
        return self.domain is not None

    @property
    def ended(self) -> bool:
        """True once it has a result."""
        return self.finished_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestDetection:
    """Look for the mail server of a domain, as somebody typed it."""

    detection_id: str
    domain: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteDetection:
    """Record what an attempt found."""

    detection_id: str
    attempt: int
    result: DetectionResult


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseUndetected:
    """End a detection that nobody claimed (`no_tester`) or finished (`deadline_exceeded`).

    `limit_ms` is the time that an attempt has.
    """

    detection_id: str
    code: UndetectedCode
    attempts: int
    limit_ms: int


DetectionCommand = RequestDetection | CompleteDetection | CloseUndetected


def decide(command: DetectionCommand, state: DetectionState) -> list[DetectionEvent]:
    """Return the facts, none where nothing changes: a second result has no effect.

    Raises DetectionNotFound, InvalidDomain.
    """
    if isinstance(command, RequestDetection):
        domain = read_mail_domain(command.domain)
        return [DetectionRequested(detection_id=command.detection_id, domain=domain)]
    if not state.exists:
        raise DetectionNotFound(state.detection_id)
    if state.ended:
        return []
    match command:
        case CompleteDetection(attempt=attempt, result=result):
            return [_completed(state, attempt, result)]
        case CloseUndetected(attempts=attempts):
            return [_completed(state, attempts, _nothing(command))]
        case _:
            assert_never(command)


def _completed(state: DetectionState, attempts: int, result: DetectionResult) -> DetectionEvent:
    return DetectionCompleted(detection_id=state.detection_id, attempts=attempts, result=result)


def _nothing(command: CloseUndetected) -> DetectionResult:
    facts = {"limit_ms": command.limit_ms} if command.code == "deadline_exceeded" else {}
    return DetectionResult(notes=(Evidence(code=command.code, facts=facts),))


def evolve(state: DetectionState, recorded: Recorded, fact: object) -> DetectionState:
    """Return the state after one more fact; an unknown fact only counts as a version."""
    state = replace(state, version=recorded.version)
    match fact:
        case DetectionRequested(domain=domain):
            return replace(
                state,
                domain=domain,
                requested_at=recorded.recorded_at,
                requested_by=recorded.actor,
            )
        case DetectionCompleted(result=result, attempts=attempts):
            return replace(
                state, result=result, attempts=attempts, finished_at=recorded.recorded_at
            )
        case _:
            return state


def fold(detection_id: str, events: Iterable[tuple[Recorded, object]]) -> DetectionState:
    """Return a detection's state from its whole stream, decoded, in version order."""
    state = DetectionState(detection_id=detection_id)
    for recorded, fact in events:
        state = evolve(state, recorded, fact)
    return state

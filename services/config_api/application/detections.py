"""Commands on detections: request, claim, record, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from events.catalogue import Fact, decode
from events.detection import CATEGORY
from events.envelope import RecordedEvent, new_id, stream_name
from events.messages import DetectionReported
from events.store.port import EventStore, Overtaken, RowWrite, StreamAppend, VersionConflict, Wakeup
from services.config_api.application.attempts import Attempts, first_search, no_search
from services.config_api.application.changing import TRIES
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context
from services.config_api.application.loading import after, encoded, expected_version
from services.config_api.application.stories import continued
from services.config_api.domain import detection
from services.config_api.domain.detection import (
    CloseUndetected,
    CompleteDetection,
    DetectionCommand,
    DetectionState,
    RequestDetection,
    UndetectedCode,
    decide,
)
from services.config_api.domain.errors import AttemptTaken, DetectionEnded, DetectionNotFound
from services.config_api.read_model.detections import detection_document, rows_for_detection


@dataclass(frozen=True, kw_only=True, slots=True)
class Detections:
    """Asks for detections, hands them to testers and records what they find.

    `deadline` is the time for one attempt.
    """

    store: EventStore
    wakeup: Wakeup
    attempts: Attempts
    deadline: timedelta

    @as_command("detections.request")
    def request(self, domain: str, ctx: Context) -> Answer:
        """Ask for the mail server of a domain; the answer's document is without its sentences.

        Raises InvalidDomain.
        """
        before = DetectionState(detection_id=new_id())
        command = RequestDetection(detection_id=before.detection_id, domain=domain)
        facts = decide(command, before)
        made = after(before, facts, detection.evolve, ctx)
        answer = Answer(document=detection_document(made), version=None)
        rows = [first_search(made.detection_id, ctx.at), *ctx.remember(answer)]
        self._append(before, made, facts, ctx, rows)
        return answer

    @as_command("detections.claim")
    def claim(self, detection_id: str, attempt: int, ctx: Context) -> dict[str, Any]:
        """Hand one attempt to one tester: the JSON answer of `POST …/claim`.

        Raises DetectionNotFound, DetectionEnded, AttemptTaken.
        """
        state, _ = self._load(detection_id)
        if not state.exists:
            raise DetectionNotFound(detection_id)
        if state.ended:
            raise DetectionEnded(detection_id)
        if not self.attempts.claim(detection_id, attempt, at=ctx.at, deadline=self.deadline):
            raise AttemptTaken(detection_id, attempt)
        return {
            "id": detection_id,
            "attempt": attempt,
            "domain": state.domain,
            "deadline_ms": self._limit_ms,
        }

    @as_command("detections.record")
    def record(self, reported: DetectionReported, ctx: Context) -> bool:
        """Record what a tester found; False where the detection is unknown or has ended."""
        command = CompleteDetection(
            detection_id=reported.detection_id, attempt=reported.attempt, result=reported.result
        )
        return self._end(command, reported.detection_id, ctx)

    @as_command("detections.close")
    def close(self, detection_id: str, code: UndetectedCode, attempts: int, ctx: Context) -> bool:
        """End a detection that nobody claimed or finished; False where it has ended already."""
        command = CloseUndetected(
            detection_id=detection_id, code=code, attempts=attempts, limit_ms=self._limit_ms
        )
        return self._end(command, detection_id, ctx)

    def traceparent(self, detection_id: str) -> str | None:
        """Return the trace in which a detection was asked for."""
        _, events = self._load(detection_id)
        return events[0].traceparent if events else None

    @property
    def _limit_ms(self) -> int:
        return self.deadline // timedelta(milliseconds=1)

    def _end(self, command: DetectionCommand, detection_id: str, ctx: Context) -> bool:
        for _ in range(TRIES):
            state, events = self._load(detection_id)
            if not state.exists:
                return False
            facts = decide(command, state)
            if not facts:
                return False
            ended = after(state, facts, detection.evolve, ctx)
            ctx = continued(ctx, events[0])
            try:
                self._append(state, ended, facts, ctx, [no_search(detection_id)])
            except VersionConflict:
                continue
            return True
        raise Overtaken(f"the detection {detection_id} changes faster than it could be ended")

    def _load(self, detection_id: str) -> tuple[DetectionState, Sequence[RecordedEvent]]:
        events = self.store.read_stream(_stream(detection_id))
        return detection.fold(detection_id, ((one, decode(one)) for one in events)), events

    def _append(
        self,
        before: DetectionState,
        state: DetectionState,
        facts: Sequence[Fact],
        ctx: Context,
        rows: Sequence[RowWrite],
    ) -> None:
        append = StreamAppend(
            stream=_stream(before.detection_id),
            expected=expected_version(before.version),
            events=encoded(facts, tenant=None),
            rows=[*rows_for_detection(state), *rows],
        )
        self.store.append([append], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()


def _stream(detection_id: str) -> str:
    return stream_name(CATEGORY, detection_id)

"""Tests and detections without a result: dispatched again, at last closed (contract §5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event
from typing import Protocol

import structlog

from events.bus.port import Bus, NotPublished, Outgoing, Publisher
from events.bus.work import work_outgoing
from events.envelope import Cause
from events.failpoints import reach
from events.messages import DetectionDispatched, TestDispatched, WorkMessage
from events.store.port import Holding
from services.config_api.application.attempts import Attempt, Attempts
from services.config_api.application.context import Clock, Context
from services.config_api.application.relay.tally import FAILURES
from services.config_api.domain.connection_test import UntestedCode

MOST_ATTEMPTS = 3
_EVERY_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class Closing(Protocol):
    """Ends what nobody ended."""

    def close(self, work_id: str, code: UntestedCode, attempts: int, ctx: Context, /) -> bool:
        """Return False where it has ended already."""
        ...

    def traceparent(self, work_id: str, /) -> str | None:
        """Return the trace in which it was asked for."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Overdue:
    """Looks each second for attempts whose time is over or whose work message may be lost.

    `dispatch` makes the work message of an attempt of what `closing` may close.
    """

    name: str
    bus: Bus
    attempts: Attempts
    closing: Closing
    dispatch: Callable[[Attempt], WorkMessage]
    clock: Clock

    def run(self, holding: Holding, stop: Event) -> None:
        """Look until `stop` or until the duty is lost; raises StoreUnavailable."""
        publisher = self.bus.publisher()
        try:
            while not stop.is_set() and holding.still_held():
                self.round(publisher)
                stop.wait(_EVERY_SECONDS)
        finally:
            publisher.close()

    def round(self, publisher: Publisher) -> None:
        """Close what is at its end and dispatch the rest again."""
        at = self.clock()
        dispatched = [
            due
            for attempt in self.attempts.waiting(at)
            if (due := self._survived(attempt, at)) is not None
        ]
        if not dispatched:
            return
        try:
            publisher.publish(self._work(dispatched, at))
        except NotPublished:
            FAILURES.labels(duty=self.name).inc()
            _log.warning("work cannot be dispatched again", pieces=len(dispatched), exc_info=True)
            return
        reach("relay.dispatched")
        for attempt in dispatched:
            self.attempts.dispatched_again(attempt.work_id, attempt.number, at=at)

    def _survived(self, attempt: Attempt, at: datetime) -> Attempt | None:
        """Decide on one test; what is wrong with it must not hold up the others."""
        try:
            return self._due(attempt, at)
        except Exception:  # noqa: BLE001 -- the duty survives whatever one test holds
            FAILURES.labels(duty=self.name).inc()
            _log.exception("what is overdue cannot be dealt with", work_id=attempt.work_id)
            return None

    def _due(self, attempt: Attempt, at: datetime) -> Attempt | None:
        """Return the attempt whose work message is to be sent, None where the test was closed."""
        if not attempt.overdue(at):
            return attempt
        if not attempt.claimed:
            self._close(attempt, "no_tester", attempt.number - 1, at)
            return None
        most = 1 if attempt.depth == "send" else MOST_ATTEMPTS
        if attempt.number >= most:
            self._close(attempt, "deadline_exceeded", attempt.number, at)
            return None
        if not self.attempts.next_attempt(attempt.work_id, attempt.number, at=at):
            return None
        reach("relay.next-attempt")
        return replace(attempt, number=attempt.number + 1, claimed=False)

    def _close(self, attempt: Attempt, code: UntestedCode, attempts: int, at: datetime) -> None:
        ctx = Context(cause=Cause.by_system("relay"), at=at)
        self.closing.close(attempt.work_id, code, attempts, ctx)
        _log.info("work without result was closed", work_id=attempt.work_id, code=code)

    def _work(self, attempts: Sequence[Attempt], at: datetime) -> list[Outgoing]:
        return [
            work_outgoing(
                self.dispatch(one), at=at, traceparent=self.closing.traceparent(one.work_id)
            )
            for one in attempts
        ]


def dispatched_test(attempt: Attempt) -> WorkMessage:
    """Return the work message of an attempt of a test."""
    return TestDispatched(test_id=attempt.work_id, attempt=attempt.number)


def dispatched_detection(attempt: Attempt) -> WorkMessage:
    """Return the work message of an attempt of a detection."""
    return DetectionDispatched(detection_id=attempt.work_id, attempt=attempt.number)

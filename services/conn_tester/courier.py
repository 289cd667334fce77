"""Brings steps and results to the bus from a thread of its own, so that no probe waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from time import sleep
from typing import TYPE_CHECKING, Final

import structlog

from events.bus.port import BusError
from events.bus.spans import Sendings
from events.bus.work import QUEUES, work_id, work_outgoing
from events.failpoints import reach
from events.tracing import current
from services.conn_tester.figures import RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from events.bus.port import Bus, Delivery, Outgoing, Publisher
    from events.messages import DetectionReported, TestProgressed, TestReported
    from events.tracing import Place

_MOST_WAITING: Final = 1000
_LARGEST_PAGE: Final = 500
_ROUND_S: Final = 0.08  # people see a step within 100 ms
_STALE_S: Final = 2.0
_TRIES: Final = 3
_PAUSE_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Steps:
    message: TestProgressed
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    message: TestReported | DetectionReported
    delivery: Delivery
    place: Place | None


class Courier:
    """Live steps are dropped on trouble; a result is acknowledged once the bus has it.

    `clock` counts seconds, `now` is for the messages; `pause` waits between two tries.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._now = now
        self._pause = pause
        self._waiting: SimpleQueue[_Steps | _Result | None] = SimpleQueue()

    def steps(self, message: TestProgressed) -> None:
        """Send live steps if there is time for it; never blocks."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(_Steps(message=message, since=self._clock()))

    def result(self, message: TestReported | DetectionReported, delivery: Delivery) -> None:
        """Send a result and settle the delivery that asked for it; never blocks."""
        self._waiting.put(_Result(message=message, delivery=delivery, place=current()))

    def stop(self) -> None:
        """Make `run` return once everything before is sent."""
        self._waiting.put(None)

    def run(self) -> None:
        """Send until `stop`: what gathers within 80 ms of the last sending goes as one page."""
        publisher = self._bus.publisher()
        going_on = True
        try:
            while going_on:
                items, going_on = self._gathered()
                sent_at = self._clock()
                if steps := [item for item in items if isinstance(item, _Steps)]:
                    self._send_steps(publisher, steps)
                if results := [item for item in items if isinstance(item, _Result)]:
                    self._send_results(publisher, results)
                if going_on and (left_s := sent_at + _ROUND_S - self._clock()) > 0:
                    self._pause(left_s)
        finally:
            publisher.close()

    def _gathered(self) -> tuple[list[_Steps | _Result], bool]:
        """Wait for something to send; return it with what came since, and whether to go on."""
        items: list[_Steps | _Result] = []
        item = self._waiting.get()
        while item is not None:
            items.append(item)
            if len(items) == _LARGEST_PAGE or self._waiting.empty():
                return items, True
            item = self._waiting.get()
        return items, False

    def _send_steps(self, publisher: Publisher, items: Sequence[_Steps]) -> None:
        """Send the newest steps of each test, which hold those before."""
        now = self._clock()
        newest = {
            item.message.test_id: item.message for item in items if now - item.since <= _STALE_S
        }
        try:
            at = self._now()
            publisher.publish([work_outgoing(message, at=at) for message in newest.values()])
        except BusError as error:
            _log.info("live steps dropped", tests=len(newest), reason=str(error))

    def _send_results(self, publisher: Publisher, items: Sequence[_Result]) -> None:
        with Sendings(self._bus.system) as sendings:
            page = [self._traced(item, sendings) for item in items]
            if self._sent(publisher, page):
                RESULTS.labels(outcome="sent").inc(len(items))
                for item in items:
                    item.delivery.ack()
                return
            sendings.fail("NotPublished")
        RESULTS.labels(outcome="given_back").inc(len(items))
        for item in items:
            item.delivery.retry()

    def _sent(self, publisher: Publisher, page: Sequence[Outgoing]) -> bool:
        for remaining in reversed(range(_TRIES)):
            try:
                publisher.publish(page)
            except BusError as error:
                _log.warning("results not sent", tests=len(page), reason=str(error))
                if remaining:
                    self._pause(_PAUSE_S)
            else:
                reach("tester.reported")
                return True
        return False

    def _traced(self, item: _Result, sendings: Sendings) -> Outgoing:
        queue = QUEUES[type(item.message)]
        place = sendings.begin(queue, work_id(item.message), item.place)
        traceparent = None if place is None else place.traceparent
        return work_outgoing(item.message, at=self._now(), traceparent=traceparent)

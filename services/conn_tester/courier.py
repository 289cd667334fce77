"""Brings steps and results to the bus from a thread of its own, so that no probe waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from time import sleep
from typing import TYPE_CHECKING, Final

import structlog

from events.bus.port import BusError
from events.bus.work import work_outgoing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from events.bus.port import Bus, Delivery, Publisher
    from events.messages import TestProgressed, TestReported

_MOST_WAITING: Final = 1000
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
    message: TestReported
    delivery: Delivery


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

    def result(self, message: TestReported, delivery: Delivery) -> None:
        """Send a result and settle the delivery that asked for it; never blocks."""
        self._waiting.put(_Result(message=message, delivery=delivery))

    def stop(self) -> None:
        """Make `run` return once everything before is sent."""
        self._waiting.put(None)

    def run(self) -> None:
        """Send until `stop`."""
        publisher = self._bus.publisher()
        try:
            while (item := self._waiting.get()) is not None:
                if isinstance(item, _Steps):
                    self._send_steps(publisher, item)
                else:
                    self._send_result(publisher, item)
        finally:
            publisher.close()

    def _send_steps(self, publisher: Publisher, item: _Steps) -> None:
        if self._clock() - item.since > _STALE_S:
            return
        try:
            publisher.publish([work_outgoing(item.message, at=self._now())])
        except BusError as error:
            _log.info("live steps dropped", test_id=item.message.test_id, reason=str(error))

    def _send_result(self, publisher: Publisher, item: _Result) -> None:
        for remaining in reversed(range(_TRIES)):
            try:
                publisher.publish([work_outgoing(item.message, at=self._now())])
            except BusError as error:
                _log.warning("result not sent", test_id=item.message.test_id, reason=str(error))
                if remaining:
                    self._pause(_PAUSE_S)
            else:
                item.delivery.ack()
                return
        item.delivery.retry()

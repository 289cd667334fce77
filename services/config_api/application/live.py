"""Live steps of running tests, from the bus to whoever watches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Condition, Thread
from time import monotonic
from typing import Literal

import structlog

from events.bus.port import Bus, Consumer, Delivery
from events.bus.topology import EVENTS, PROGRESS
from events.bus.work import NotUnderstood, decode_work
from events.connection_test import ConnectionTestCancelled, ConnectionTestCompleted, Step
from events.messages import TestProgressed
from events.store.port import StoreError

MOST_TESTS = 1_000
QUIET_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_END_KEYS = (ConnectionTestCompleted.TYPE, ConnectionTestCancelled.TYPE)
_SUBJECT = "ce-subject"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Glimpse:
    """What a watcher sees: all steps so far, that nothing came for a while, or the end."""

    kind: Literal["steps", "quiet", "ended"]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """The newest of one test; `count` grows with each change."""

    count: int = 0
    attempt: int = 0
    steps: tuple[Step, ...] = ()
    ended: bool = False


class LiveTests:
    """Listens on the bus in one thread, from the first watcher on if not before.

    It keeps the newest tests only, so that who comes late is told what was before.

    `has_ended` asks the read model: a message that never came must not keep a watcher.
    """

    def __init__(self, bus: Bus, has_ended: Callable[[str], bool]) -> None:
        self._bus = bus
        self._has_ended = has_ended
        self._changed = Condition()
        self._tests: OrderedDict[str, _Known] = OrderedDict()
        self._closed = False
        self._consumer: Consumer | None = None
        self._thread: Thread | None = None

    def watch(self, test_id: str) -> Iterator[Glimpse]:
        """Yield what is known and what comes, `quiet` every 10 s, and at last `ended`.

        It also ends, without `ended`, when the process stops.
        """
        self.listen()
        seen, spoke = 0, monotonic()
        while True:
            with self._changed:
                known = self._tests.get(test_id, _Known())
                closed = self._closed
            if known.count > seen and known.steps:
                seen, spoke = known.count, monotonic()
                yield Glimpse(kind="steps", steps=known.steps)
            if closed:
                return
            if known.ended or self._ended(test_id):
                yield Glimpse(kind="ended")
                return
            if monotonic() - spoke >= QUIET_SECONDS:
                spoke = monotonic()
                yield Glimpse(kind="quiet")
            self._wait(test_id, seen)

    def close(self) -> None:
        """Stop listening; watchers end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            consumer, thread = self._consumer, self._thread
        if consumer is not None and thread is not None:
            consumer.stop()
            thread.join()

    def _wait(self, test_id: str, seen: int) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._tests.get(test_id, _Known()).count > seen,
                _LOOK_SECONDS,
            )

    def _ended(self, test_id: str) -> bool:
        try:
            return self._has_ended(test_id)
        except StoreError:
            _log.warning("a watched test cannot be read", test_id=test_id, exc_info=True)
            return False

    def listen(self) -> None:
        """Begin to listen, so that steps before the first watcher are known, too."""
        with self._changed:
            if self._thread is not None or self._closed:
                return
            bindings = [(PROGRESS, "#"), *((EVENTS, key) for key in _END_KEYS)]
            self._consumer = self._bus.listener(bindings)
            self._thread = Thread(
                target=self._consumer.run, args=(self._handle,), name="live-tests", daemon=True
            )
            self._thread.start()

    def _handle(self, delivery: Delivery) -> None:
        if delivery.routing_key in _END_KEYS:
            _, _, test_id = delivery.message.headers.get(_SUBJECT, "").partition("/")
            self._note(test_id, lambda known: replace(known, ended=True))
            return
        try:
            message = decode_work(delivery.message)
        except NotUnderstood as error:
            _log.warning("a live step cannot be read", reason=str(error))
            return
        if isinstance(message, TestProgressed):
            self._note(message.test_id, lambda known: _progressed(known, message))

    def _note(self, test_id: str, change: Callable[[_Known], _Known]) -> None:
        with self._changed:
            before = self._tests.get(test_id, _Known())
            self._tests[test_id] = replace(change(before), count=before.count + 1)
            self._tests.move_to_end(test_id)
            if len(self._tests) > MOST_TESTS:
                self._tests.popitem(last=False)
            self._changed.notify_all()


def _progressed(known: _Known, message: TestProgressed) -> _Known:
    """Take the steps of a message unless those known are newer."""
    newer = (message.attempt, len(message.steps)) >= (known.attempt, len(known.steps))
    if not newer:
        return known
    return replace(known, attempt=message.attempt, steps=message.steps)

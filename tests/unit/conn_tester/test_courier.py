from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from events.bus.port import NotPublished
from events.bus.work import decode_work
from events.connection_test import Step, TestResult
from events.messages import TestProgressed, TestReported
from services.conn_tester.courier import Courier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.bus.port import Outgoing


class FailingBus:
    """A bus whose first `failures` pages are not taken."""

    system = "failing"

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.published: list[Outgoing] = []

    def publisher(self) -> FailingBus:
        return self

    def publish(self, page: Sequence[Outgoing]) -> None:
        if self.failures:
            self.failures -= 1
            raise NotPublished("away")
        self.published += page

    def close(self) -> None:
        return


class Delivered:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def ack(self) -> None:
        self.calls.append("ack")

    def retry(self) -> None:
        self.calls.append("retry")


STEPS = TestProgressed(test_id="t", attempt=1, steps=())
REPORT = TestReported(
    test_id="t", attempt=1, result=TestResult(verdict="passed", code="ok", step="quit")
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.seconds


def courier(bus: FailingBus, clock: Clock) -> Courier:
    return Courier(
        bus,  # type: ignore[arg-type]  # only its publisher is used
        clock=clock,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        pause=clock.pauses.append,
    )


def test_a_result_is_acknowledged_after_the_bus_has_it() -> None:
    bus, clock, delivery = FailingBus(2), Clock(), Delivered()
    sent = courier(bus, clock)
    sent.result(REPORT, delivery)  # type: ignore[arg-type]  # as far as it is used
    sent.stop()
    sent.run()
    assert delivery.calls == ["ack"]
    assert [outgoing.mandatory for outgoing in bus.published] == [True]
    assert clock.pauses == [1.0, 1.0]


def test_a_result_that_cannot_be_sent_is_never_acknowledged() -> None:
    bus, delivery = FailingBus(99), Delivered()
    sent = courier(bus, Clock())
    sent.result(REPORT, delivery)  # type: ignore[arg-type]  # as far as it is used
    sent.stop()
    sent.run()
    assert delivery.calls == ["retry"]
    assert bus.published == []


def test_steps_are_dropped_when_the_bus_is_away_or_they_are_old() -> None:
    bus, clock = FailingBus(1), Clock()
    sent = courier(bus, clock)
    sent.steps(STEPS)
    sent.stop()
    sent.run()
    sent.steps(STEPS)
    clock.seconds = 3.0
    sent.stop()
    sent.run()
    assert bus.published == []
    sent.steps(STEPS)
    sent.stop()
    sent.run()
    assert [outgoing.exchange for outgoing in bus.published] == ["relaybook.progress"]


def test_steps_never_pile_up() -> None:
    bus = FailingBus(0)
    sent = courier(bus, Clock())
    for number in range(2000):
        sent.steps(TestProgressed(test_id=f"t-{number}", attempt=1, steps=()))
    sent.stop()
    sent.run()
    assert len(bus.published) == 1000


def test_of_the_steps_that_wait_only_the_newest_of_each_test_are_sent() -> None:
    bus = FailingBus(0)
    sent = courier(bus, Clock())
    newest = (Step(name="config", state="passed"),)
    for steps in ((), newest):
        sent.steps(TestProgressed(test_id="a", attempt=1, steps=steps))
        sent.steps(TestProgressed(test_id="b", attempt=1, steps=steps))
    sent.stop()
    sent.run()
    told = [decode_work(outgoing.message) for outgoing in bus.published]
    assert told == [TestProgressed(test_id=name, attempt=1, steps=newest) for name in "ab"]

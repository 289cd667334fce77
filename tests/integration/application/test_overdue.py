from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from events.bus.port import NotPublished, Outgoing
from events.bus.work import decode_work
from events.messages import TestDispatched
from services.config_api.application.relay.overdue import Overdue, dispatched_test
from services.config_api.read_model import operational_tables
from tests.support.asking import register, request_test

if TYPE_CHECKING:
    from tests.support.relaybook import House


@dataclass
class Shelf:
    """A publisher that keeps what it is given; refuses while `away`."""

    sent: list[TestDispatched] = field(default_factory=list)
    away: bool = False

    def publish(self, page: Sequence[Outgoing]) -> None:
        if self.away:
            raise NotPublished("away")
        for outgoing in page:
            work = decode_work(outgoing.message)
            assert isinstance(work, TestDispatched)
            self.sent.append(work)

    def close(self) -> None:
        """Nothing is open."""


def overdue(house: House) -> Overdue:
    tests = house.relaybook.connection_tests
    return Overdue(
        name="overdue",
        bus=house.relaybook.bus,
        attempts=tests.attempts,
        closing=tests,
        dispatch=dispatched_test,
        clock=house.watch,
    )


def claim(house: House, test_id: str, attempt: int = 1) -> None:
    house.relaybook.connection_tests.claim(test_id, attempt, house.ctx())


def result(house: House, test_id: str) -> tuple[str, str | None, int]:
    """Return state, code and attempts of a test."""
    stored = house.relaybook.read_model.test(test_id)
    assert stored is not None
    told = stored.document
    return told["state"], told["code"], told["attempts"]


def test_an_unclaimed_test_is_dispatched_again_every_half_minute(house: House) -> None:
    register(house)
    test_id = request_test(house)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(seconds=29)
    duty.round(shelf)
    assert shelf.sent == []
    house.watch.forward(seconds=1)
    duty.round(shelf)
    duty.round(shelf)
    assert shelf.sent == [TestDispatched(test_id=test_id, attempt=1)]
    house.watch.forward(seconds=30)
    duty.round(shelf)
    assert len(shelf.sent) == 2


def test_a_test_that_nobody_claims_is_closed_after_a_quarter_of_an_hour(house: House) -> None:
    register(house)
    test_id = request_test(house)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(minutes=14, seconds=59)
    duty.round(shelf)
    assert result(house, test_id)[0] == "queued"
    house.watch.forward(seconds=1)
    duty.round(shelf)
    assert result(house, test_id) == ("completed", "no_tester", 0)
    with house.relaybook.read_engine.connect() as connection:
        assert connection.execute(select(operational_tables.test_work)).all() == []


def test_a_claimed_test_without_result_gets_two_more_attempts(house: House) -> None:
    register(house)
    test_id = request_test(house)
    duty, shelf = overdue(house), Shelf()
    for attempt in (1, 2, 3):
        claim(house, test_id, attempt)
        house.watch.forward(seconds=69)
        duty.round(shelf)
        assert result(house, test_id) == ("running", None, attempt)
        house.watch.forward(seconds=1)
        duty.round(shelf)
        if attempt < 3:
            assert result(house, test_id) == ("queued", None, attempt)
    assert [work.attempt for work in shelf.sent] == [2, 3]
    assert result(house, test_id) == ("completed", "deadline_exceeded", 3)


def test_a_message_is_never_sent_twice_by_itself(embedded_house: House) -> None:
    register(embedded_house)
    addresses = {"mail_from": "a@b.example", "rcpt_to": "c@d.example"}
    test_id = request_test(embedded_house, depth="send", **addresses)
    duty, shelf = overdue(embedded_house), Shelf()
    claim(embedded_house, test_id)
    embedded_house.watch.forward(seconds=70)
    duty.round(shelf)
    assert shelf.sent == []
    assert result(embedded_house, test_id) == ("completed", "deadline_exceeded", 1)


def test_tests_are_closed_while_the_broker_is_away(embedded_house: House) -> None:
    register(embedded_house)
    waiting, old = request_test(embedded_house), request_test(embedded_house)
    claim(embedded_house, waiting)
    duty, shelf = overdue(embedded_house), Shelf(away=True)
    embedded_house.watch.forward(minutes=15)
    duty.round(shelf)
    assert result(embedded_house, old)[1] == "no_tester"
    embedded_house.watch.forward(seconds=30)
    shelf.away = False
    duty.round(shelf)
    assert shelf.sent == [TestDispatched(test_id=waiting, attempt=2)]


def test_what_the_relay_closes_belongs_to_the_story_of_the_request(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    embedded_house.watch.forward(minutes=15)
    overdue(embedded_house).round(Shelf())
    first, last = embedded_house.relaybook.store.read_stream(f"connection_test-{test_id}")
    assert (last.actor, last.correlation_id) == ("system:relay", first.correlation_id)
    assert last.causation_id == first.id


def test_a_test_whose_tester_died_ends_though_the_clock_was_set_back(house: House) -> None:
    register(house)
    test_id = request_test(house)
    claim(house, test_id)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(days=-365)
    duty.round(shelf)
    assert shelf.sent == [TestDispatched(test_id=test_id, attempt=2)]
    house.watch.forward(minutes=15)
    duty.round(shelf)
    assert result(house, test_id) == ("completed", "no_tester", 1)


def test_a_test_that_waits_gets_its_whole_time_though_the_clock_was_set_back(house: House) -> None:
    register(house)
    test_id = request_test(house)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(days=-365)
    duty.round(shelf)
    assert shelf.sent == [TestDispatched(test_id=test_id, attempt=1)]
    house.watch.forward(minutes=14, seconds=59)
    duty.round(shelf)
    assert result(house, test_id)[0] == "queued"
    house.watch.forward(seconds=1)
    duty.round(shelf)
    assert result(house, test_id) == ("completed", "no_tester", 0)


def test_a_clock_that_is_a_little_behind_another_host_s_changes_nothing(house: House) -> None:
    register(house)
    request_test(house)
    duty, shelf = overdue(house), Shelf()
    house.watch.forward(seconds=-20)
    duty.round(shelf)
    assert shelf.sent == []

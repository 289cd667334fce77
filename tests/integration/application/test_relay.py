from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from sqlalchemy import select

from events.bus.memory.bus import MemoryBus
from events.bus.port import Message, Outgoing
from events.bus.topology import CONNECTION_TEST_RESULTS, DEAD_LETTERS, DIRECT
from events.bus.work import work_outgoing
from events.messages import TestDispatched
from events.smtp_setting import SecretRef
from events.store.port import StoreUnavailable
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.idempotency import AnswerKey, KeptAnswer
from services.config_api.application.relay.results import Results
from services.config_api.application.relay.run import Relay, run_relay
from services.config_api.domain.secret import Secret
from services.config_api.read_model.operational_tables import idempotent_answers
from services.config_api.vault.tables import sealed_secrets
from tests.support.asking import a_report, register, request_test
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from events.store.port import Holding
    from tests.support.relaybook import House


def result(house: House, test_id: str) -> tuple[str, str | None, int]:
    """Return state, code and attempts of a test."""
    stored = house.relaybook.read_model.test(test_id)
    assert stored is not None
    told = stored.document
    return told["state"], told["code"], told["attempts"]


class Unavailable:
    """A handler whose database is away the first time."""

    def __init__(self, tests: ConnectionTests) -> None:
        self._tests = tests
        self.calls = 0

    def record(self, reported: object, ctx: object) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise StoreUnavailable("away")
        return self._tests.record(reported, ctx)  # type: ignore[arg-type]  # passed on


class Always:
    """A duty that is always held."""

    def still_held(self) -> bool:
        return True

    def release(self) -> None:
        """Nobody waits for it."""


@contextmanager
def running(duty: Results) -> Iterator[list[BaseException]]:
    """Run a duty meanwhile; gives what it raised."""
    stop = Event()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            duty.run(Always(), stop)
        except StoreUnavailable as error:
            raised.append(error)

    thread = Thread(target=run)
    thread.start()
    yield raised
    stop.set()
    thread.join()


def results(house: House, bus: MemoryBus) -> Results:
    relaybook = house.relaybook
    return Results(
        bus=bus,
        connection_tests=relaybook.connection_tests,
        detections=relaybook.detections,
        clock=house.watch,
    )


def report(house: House, bus: MemoryBus, test_id: str) -> None:
    bus.publisher().publish([work_outgoing(a_report(test_id), at=house.watch())])


def test_results_come_from_the_bus_into_the_store_once(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    bus = MemoryBus()
    for _ in range(2):
        report(embedded_house, bus, test_id)
    report(embedded_house, bus, "no-such-test")
    with running(results(embedded_house, bus)):
        eventually(lambda: result(embedded_house, test_id)[0] == "completed")
        eventually(lambda: bus.depth(CONNECTION_TEST_RESULTS) == 0)
    assert bus.depth(DEAD_LETTERS) == 0
    last = embedded_house.relaybook.store.read_stream(f"connection_test-{test_id}")[-1]
    assert last.version == 2
    assert last.causation_id == f"{test_id}.1.reported"


def test_what_is_no_result_is_parked(embedded_house: House) -> None:
    bus = MemoryBus()
    body = json.dumps({"nonsense": True}).encode()
    broken = Message(id="m-1", headers={}, body=body)
    strange = work_outgoing(TestDispatched(test_id="t", attempt=1), at=embedded_house.watch())
    for message in (broken, strange.message):
        outgoing = Outgoing(
            exchange=DIRECT,
            routing_key=CONNECTION_TEST_RESULTS,
            message=message,
            mandatory=True,
        )
        bus.publisher().publish([outgoing])
    with running(results(embedded_house, bus)):
        eventually(lambda: bus.depth(DEAD_LETTERS) == 2)


def test_a_result_waits_for_the_database(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    bus = MemoryBus()
    away = Unavailable(embedded_house.relaybook.connection_tests)
    duty = replace(results(embedded_house, bus), connection_tests=away)  # type: ignore[arg-type]  # record is all that it is asked for
    report(embedded_house, bus, test_id)
    with running(duty) as raised:
        eventually(lambda: bool(raised))
    assert bus.depth(CONNECTION_TEST_RESULTS) == 1
    with running(duty):
        eventually(lambda: result(embedded_house, test_id)[0] == "completed")


@dataclass
class Stumbling:
    """A duty that fails twice before it works."""

    name: str = "stumbling"
    runs: int = 0
    works: Event = field(default_factory=Event)

    def run(self, holding: Holding, stop: Event) -> None:
        self.runs += 1
        if self.runs <= 2:
            raise RuntimeError("stumbled")
        self.works.set()
        stop.wait()


def test_a_duty_that_fails_begins_again(embedded_house: House) -> None:
    duty = Stumbling()
    relay = Relay(duties=embedded_house.relaybook.duties, duty_list=[duty])
    stop = Event()
    thread = Thread(target=relay.run, args=(stop,))
    thread.start()
    assert duty.works.wait(20)
    stop.set()
    thread.join()
    assert duty.runs == 3


def test_of_two_relays_one_works_and_the_other_takes_over(house: House) -> None:
    first, second = Stumbling(runs=2), Stumbling(runs=2)
    stops = [Event(), Event()]
    threads = []
    for duty, stop in zip((first, second), stops, strict=True):
        relay = Relay(duties=house.relaybook.duties, duty_list=[duty])
        threads.append(Thread(target=relay.run, args=(stop,)))
        threads[-1].start()
        if duty is first:
            assert duty.works.wait(20)
    assert not second.works.wait(1.5)
    stops[0].set()
    assert second.works.wait(20)
    stops[1].set()
    for thread in threads:
        thread.join()


def test_kept_answers_are_forgotten_after_a_day_with_what_they_sealed(house: House) -> None:
    answers, vault = house.relaybook.answers, house.relaybook.vault
    ref = SecretRef(id="answer/1", version=1)
    kept = KeptAnswer(request_sha256="x", status=201, headers={"Sealed": ref.id}, body=None)
    key = AnswerKey(principal="user:alice", method="POST", path="/v1/tokens", key="k")
    at = house.watch()
    answers.write_rows([*vault.seal(None, ref, Secret("t")), *answers.rows(key, kept, at)])
    assert answers.find(key, at) == kept
    house.watch.forward(hours=23, minutes=59)
    assert answers.forget_old(house.watch()) == 0
    house.watch.forward(minutes=1)
    assert answers.find(key, house.watch()) is None
    assert answers.forget_old(house.watch()) == 1
    with house.relaybook.read_engine.connect() as connection:
        for table in (idempotent_answers, sealed_secrets):
            assert connection.execute(select(table)).all() == []


def test_the_relay_stops_within_seconds_and_leaves_no_thread(embedded_house: House) -> None:
    stop = Event()
    thread = Thread(target=run_relay, args=(embedded_house.relaybook, stop))
    thread.start()
    register(embedded_house)
    eventually(lambda: embedded_house.relaybook.cursors.load("bus") == 1)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()

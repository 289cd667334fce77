"""What the embedded bus promises beyond the others: leases, one file, little noise."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError

from events.bus.embedded import file as bus_file
from events.bus.embedded.bus import embedded_bus, embedded_url, path_of
from events.bus.embedded.sqlite import sqlite3
from events.bus.port import BusError, NotPublished
from events.bus.topology import CONNECTION_TESTS, EVENTS, PROGRESS
from tests.contract.bus.conftest import QUICK
from tests.contract.bus.kit import (
    Inbox,
    child,
    event,
    eventually,
    keep,
    listening,
    publish,
    receive,
    running,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.bus.conftest import Tested


@pytest.fixture
def rows(embedded: Tested) -> Iterator[Any]:
    """The file, looked at by somebody else."""
    embedded.bus.depth(CONNECTION_TESTS)
    connection = sqlite3.connect(path_of(embedded.url), isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def channel(embedded: Tested) -> Iterator[Any]:
    options = {"path": path_of(embedded.url), "lease_seconds": 1.0}
    with Connection("relaybook+sqlite://", transport_options=options) as connection:
        yield connection.channel()


def test_a_lease_is_kept_while_its_consumer_lives(embedded: Tested) -> None:
    publish(embedded.bus, work(1))
    holder, other = Inbox(then=keep), Inbox()
    with (
        running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), holder),
        running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), other),
    ):
        eventually(lambda: len(holder.came) + len(other.came) == 1)
        time.sleep(2.5)
    assert len(holder.came) + len(other.came) == 1


def test_a_lease_from_before_the_clock_was_set_back_is_void(embedded: Tested, rows: Any) -> None:
    publish(embedded.bus, work(1))
    rows.execute("UPDATE messages SET holder = 'gone', lease_until = ?", (time.time() + 3600,))
    assert receive(embedded.bus, CONNECTION_TESTS, 1).ids == ["m1"]


def test_who_lost_a_lease_cannot_acknowledge_for_the_new_holder(
    embedded: Tested, rows: Any
) -> None:
    publish(embedded.bus, work(1))
    inbox = Inbox(then=keep)
    with running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        eventually(lambda: len(inbox.came) == 1)
        rows.execute("UPDATE messages SET holder = 'other'")
        inbox.came[0].ack()
        time.sleep(0.3)
    assert rows.execute("SELECT holder FROM messages").fetchall() == [("other",)]


def test_the_queue_of_a_listener_that_died_is_cleared_away(embedded: Tested, rows: Any) -> None:
    rows.execute("INSERT INTO queues VALUES ('dead', ?)", (time.time() - 1,))
    rows.execute("INSERT INTO bindings VALUES (?, '#', 'dead')", (EVENTS,))
    publish(embedded.bus, event("heard by nobody"))
    assert "dead" not in embedded.queues()
    assert rows.execute("SELECT count(*) FROM messages").fetchone() == (0,)


def test_a_listener_whose_queue_was_cleared_away_listens_anew(embedded: Tested, rows: Any) -> None:
    inbox = Inbox(then=keep)
    with listening(embedded.bus, [(EVENTS, "#")], inbox):
        rows.execute("PRAGMA foreign_keys=ON")
        rows.execute("DELETE FROM queues WHERE alive_until IS NOT NULL")

        def heard() -> bool:
            publish(embedded.bus, event("again"))
            return bool(inbox.came)

        eventually(heard)


def test_other_tables_in_the_file_do_no_harm(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "bus.db")
    connection.execute("CREATE TABLE wakeup (n INTEGER)")
    connection.commit()
    connection.close()
    bus = embedded_bus(embedded_url(tmp_path / "bus.db"), pace=QUICK)
    publish(bus, work(1))
    assert receive(bus, CONNECTION_TESTS, 1).ids == ["m1"]


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    folder = tmp_path / "a b;c%20?d#é"
    folder.mkdir()
    bus = embedded_bus(embedded_url(folder / "bus.db"), pace=QUICK)
    publish(bus, work(1))
    assert (folder / "bus.db").exists()


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    url = embedded_url(tmp_path / "bus.db")
    failed: list[Exception] = []

    def open_and_publish(number: int) -> None:
        try:
            publish(embedded_bus(url), work(number))
        except BusError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_and_publish, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert embedded_bus(url).depth(CONNECTION_TESTS) == 8


def test_a_directory_that_is_missing_fails_what_is_asked(tmp_path: Path) -> None:
    bus = embedded_bus(embedded_url(tmp_path / "missing" / "bus.db"), pace=QUICK)
    with pytest.raises(NotPublished):
        publish(bus, work(1))
    with pytest.raises(BusError):
        bus.depth(CONNECTION_TESTS)
    inbox = Inbox()
    with running(bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        time.sleep(0.2)
        (tmp_path / "missing").mkdir()
        publish(bus, work(1))
        eventually(lambda: inbox.ids == ["m1"])


def test_a_file_that_stays_locked_fails_the_page_and_not_the_next(
    embedded: Tested, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_file, "_BUSY_SECONDS", 0.2)
    publisher = embedded.bus.publisher()
    publisher.publish([work(1)])
    rows.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotPublished, match="locked"):
        publisher.publish([work(2)])
    with pytest.raises(NotPublished, match="locked"):
        publisher.publish([work(3)])
    rows.execute("COMMIT")
    publisher.publish([work(4)])
    publisher.close()
    assert receive(embedded.bus, CONNECTION_TESTS, 2).ids == ["m1", "m4"]


def test_a_file_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_text("no database" * 100)
    bus = embedded_bus(embedded_url(tmp_path / "bus.db"))
    before = _open_descriptors()
    for _ in range(3):
        with pytest.raises(BusError):
            bus.depth(CONNECTION_TESTS)
    assert _open_descriptors() == before


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_consumer_goes_on_after_its_file_was_locked_for_long(
    embedded: Tested, rows: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bus_file, "_BUSY_SECONDS", 0.1)
    publish(embedded.bus, work(1))
    inbox = Inbox(then=keep)
    with running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        eventually(lambda: len(inbox.came) == 1)
        rows.execute("BEGIN IMMEDIATE")
        eventually(lambda: "broke off" in caplog.text)
        time.sleep(0.3)  # nothing can be given back either
        rows.execute("COMMIT")
        eventually(lambda: len(inbox.came) == 2)
    assert inbox.ids == ["m1", "m1"]


def test_what_must_last_is_flushed_to_disk_and_live_steps_are_not(embedded: Tested) -> None:
    publisher: Any = embedded.bus.publisher()

    def synchronous() -> int:
        file = publisher._connection.transport.file
        return int(file.execute("PRAGMA synchronous").fetchone()[0])

    publisher.publish([event("step", exchange=PROGRESS), work(1)])
    assert synchronous() == 2
    publisher.publish([event("step", exchange=PROGRESS)])
    assert synchronous() == 1
    publisher.publish([event("event")])
    assert synchronous() == 2
    publisher.close()


def test_kombu_may_use_the_transport_without_confirms(channel: Any, embedded: Tested) -> None:
    queue = Queue(CONNECTION_TESTS, durable=True)(channel)
    queue.declare()
    for number in range(3):
        message = channel.prepare_message(b"{}", properties={"message_id": f"m{number}"})
        channel.basic_publish(message, exchange="", routing_key=CONNECTION_TESTS)
    assert embedded.bus.depth(CONNECTION_TESTS) == 3
    assert queue.purge() == 3
    queue.delete()
    with pytest.raises(ChannelError):
        queue.queue_declare(passive=True)


def test_a_rejected_message_that_is_not_to_come_again_is_gone(
    channel: Any, embedded: Tested
) -> None:
    publish(embedded.bus, work(1))
    came: list[Any] = []
    channel.basic_qos(0, 1, False)
    channel.basic_consume(CONNECTION_TESTS, False, came.append, "tag")
    channel.drain_events()
    channel.basic_reject(came[0].delivery_tag, requeue=False)
    channel.close()
    channel.close()
    assert embedded.bus.depth(CONNECTION_TESTS) == 0


def test_only_topic_exchanges_are_to_be_had(channel: Any) -> None:
    with pytest.raises(ChannelError, match="topic"):
        Exchange("fan", type="fanout")(channel).declare()


@pytest.mark.alone
def test_a_waiting_consumer_costs_little_and_answers_soon(embedded: Tested) -> None:
    bus = embedded_bus(embedded.url, pace=replace(QUICK, check=1.0))
    waits: list[float] = []
    inbox = Inbox()
    publisher = bus.publisher()
    with running(bus.consumer(CONNECTION_TESTS, prefetch=4), inbox):
        publisher.publish([work(0)])
        eventually(lambda: len(inbox.came) == 1)
        began = time.process_time()
        time.sleep(2.0)
        used = (time.process_time() - began) / 2.0
        for number in range(1, 30):
            time.sleep(0.05)
            sent = time.monotonic()
            publisher.publish([work(number)])
            eventually(lambda: len(inbox.came) == number + 1)  # noqa: B023 -- used within the turn
            waits.append(time.monotonic() - sent)
    publisher.close()
    assert used < 0.02
    assert statistics.median(waits) < 0.05


@pytest.mark.alone
def test_a_page_costs_one_transaction(embedded: Tested) -> None:
    publisher = embedded.bus.publisher()
    publisher.publish([work(-1)])
    began = time.monotonic()
    publisher.publish([work(number) for number in range(2_000)])
    assert time.monotonic() - began < 1.0
    publisher.close()


def test_a_process_that_ends_in_good_order_gives_back_at_once(embedded: Tested) -> None:
    publish(embedded.bus, work(1))
    process = child("hold", embedded.url)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "m1"
    process.communicate(timeout=10)
    assert embedded.bus.depth(CONNECTION_TESTS) == 1

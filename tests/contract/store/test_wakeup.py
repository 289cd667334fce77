"""A signal wakes who waits in another process, and a lost one does no harm."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text

from events.bell import Bell
from events.store.sql.opening import open_store
from events.store.sql.postgresql.wakeup import PostgresWakeup
from events.store.sql.sqlite.wakeup import FileWakeup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from events.store.sql.opening import OpenedStore

LONG_SECONDS = 30.0
SOON_SECONDS = 5.0


@pytest.fixture
def second(opened_store: OpenedStore, store_url: str) -> Iterator[OpenedStore]:
    """The same store as another process would open it."""
    assert opened_store.engine.url.database == make_url(store_url).database
    store = open_store(store_url)
    yield store
    store.close()


def test_a_signal_wakes_another_process(opened_store: OpenedStore, second: OpenedStore) -> None:
    opened_store.wakeup.wait(0.1)  # it listens from here on
    with ThreadPoolExecutor(1) as pool:
        begin = time.monotonic()
        waiting = pool.submit(opened_store.wakeup.wait, LONG_SECONDS)
        second.wakeup.signal()
        assert waiting.result()
        assert time.monotonic() - begin < SOON_SECONDS


def test_a_signal_between_two_waits_is_not_lost(
    opened_store: OpenedStore, second: OpenedStore
) -> None:
    opened_store.wakeup.wait(0.1)
    second.wakeup.signal()
    second.wakeup.close()  # the signal was sent by now
    assert opened_store.wakeup.wait(LONG_SECONDS)


def test_without_a_signal_the_wait_ends(opened_store: OpenedStore) -> None:
    begin = time.monotonic()
    assert not opened_store.wakeup.wait(0.2)
    assert time.monotonic() - begin >= 0.2


def test_many_signals_wake_and_then_rest(opened_store: OpenedStore, second: OpenedStore) -> None:
    opened_store.wakeup.wait(0.1)
    for _ in range(1_000):
        second.wakeup.signal()
    second.wakeup.close()
    heard = 0
    while opened_store.wakeup.wait(0.5):
        heard += 1
    assert 1 <= heard <= 100


def test_a_closed_wakeup_waits_no_more(opened_store: OpenedStore) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(opened_store.wakeup.wait, LONG_SECONDS)
        time.sleep(0.1)
        begin = time.monotonic()
        opened_store.wakeup.close()
        assert not waiting.result()
        assert time.monotonic() - begin < SOON_SECONDS
    opened_store.wakeup.signal()


def test_a_signal_never_raises(unreachable: OpenedStore) -> None:
    wakeup = PostgresWakeup(unreachable.engine)
    wakeup.signal()
    assert not wakeup.wait(0.1)
    wakeup.close()


def test_a_waiting_connection_that_broke_is_made_again(
    postgres: OpenedStore, postgres_url: str
) -> None:
    assert not postgres.wakeup.wait(0.05)
    with postgres.read_engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query = 'LISTEN relaybook_store'"
            )
        )
    assert not postgres.wakeup.wait(1.0)
    other = open_store(postgres_url)
    other.wakeup.signal()
    other.close()
    assert postgres.wakeup.wait(LONG_SECONDS)


def test_rings_for_others_wake_nobody(tmp_path: Path) -> None:
    path = tmp_path / "relaybook.db"
    with closing(FileWakeup(path)) as wakeup:
        assert not wakeup.wait(0.05)
        with closing(Bell(f"{path}-bell")) as bell:
            bell.ring(["another"])
        assert not wakeup.wait(0.1)


def test_two_may_wait_in_one_process(tmp_path: Path) -> None:
    with closing(FileWakeup(tmp_path / "relaybook.db")) as wakeup, ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(wakeup.wait, 0.3) for _ in range(2)]
        assert [each.result(SOON_SECONDS) for each in waiting] == [False, False]


def test_a_signal_after_a_broken_one_arrives(tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    waiting, signalling = (FileWakeup(folder / "relaybook.db") for _ in range(2))
    signalling.signal()
    assert not waiting.wait(0.1)
    folder.mkdir()
    signal_and_hear(waiting, signalling)
    for each in (waiting, signalling):
        each.close()


def test_a_wait_that_begins_while_it_is_closed_opens_nothing(tmp_path: Path) -> None:
    wakeup = FileWakeup(tmp_path / "relaybook.db")
    wakeup.close()
    assert not wakeup._was_rung(0.0)
    assert not list(tmp_path.iterdir())


def signal_and_hear(waiting: FileWakeup, signalling: FileWakeup) -> None:
    waiting.wait(0.05)
    signalling.signal()
    assert waiting.wait(LONG_SECONDS)

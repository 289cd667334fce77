"""A follower misses nothing, however late a writer commits."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from events.store.port import Expected
from events.store.sql.batch import append_in_chunks
from events.store.sql.tables import events
from events.store.subscription import Subscription, follow
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from events.envelope import RecordedEvent
    from events.store.port import StreamAppend
    from events.store.sql.opening import OpenedStore

CAUSE = a_cause()
WRITERS = 8
APPENDS = 150
SLOW_SECONDS = 0.03


def write(opened: OpenedStore, writer: int) -> int:
    """Append to own and shared streams, some late and some not at all; return how many."""
    choice = random.Random(writer)
    done = 0
    for number in range(APPENDS):
        luck = choice.random()
        shared = choice.random() < 0.3
        stream = f"shared-{choice.randrange(3)}" if shared else f"w-{writer}-{number}"
        expected = Expected.ANY if shared else Expected.NO_STREAM
        one = an_append(stream, expected=expected)
        if luck < 0.04:
            done += write_late(opened, one, keep=luck < 0.02)
        else:
            opened.store.append([one], cause=CAUSE, at=NOON)
            done += 1
    return done


def write_late(opened: OpenedStore, one: StreamAppend, *, keep: bool) -> int:
    """Append, wait with the events already placed, and commit or roll back."""
    with opened.engine.connect() as connection:
        transaction = connection.begin()
        append_in_chunks(connection, [one], cause=CAUSE, at=NOON, rows=())
        time.sleep(SLOW_SECONDS)
        if not keep:
            transaction.rollback()
            return 0
        transaction.commit()
    return 1


@pytest.mark.alone
def test_a_follower_of_eight_writers_misses_nothing(opened_store: OpenedStore) -> None:
    seen: list[RecordedEvent] = []
    stop = threading.Event()
    subscription = Subscription("all", opened_store.store, opened_store.cursors, limit=50)

    def handle(page: Sequence[RecordedEvent]) -> None:
        seen.extend(page)

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following = pool.submit(follow, subscription, handle, stop=stop)
        written = sum(pool.map(lambda n: write(opened_store, n), range(WRITERS)))
        deadline = time.monotonic() + 30
        while len(seen) < written and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()
        following.result()

    with opened_store.read_engine.connect() as connection:
        stored = connection.execute(select(events.c.id).order_by(events.c.position)).scalars().all()
    assert len(stored) == written
    assert [event.id for event in seen] == stored
    heads: dict[str, int] = {}
    for event in seen:  # within a stream, positions follow versions
        assert event.version == heads.get(event.stream, 0) + 1
        heads[event.stream] = event.version


def naive_page(connection: Connection, after: int) -> list[tuple[int, str]]:
    rows = connection.execute(
        text("SELECT position, stream FROM events WHERE position > :after ORDER BY position"),
        {"after": after},
    )
    return [(row.position, row.stream) for row in rows]


def test_reading_past_the_last_position_seen_would_miss_a_late_commit(
    postgres: OpenedStore,
) -> None:
    with postgres.read_engine.connect() as reader, postgres.engine.connect() as late:
        transaction = late.begin()
        append_in_chunks(late, [an_append("late-1")], cause=CAUSE, at=NOON, rows=())
        postgres.store.append([an_append("prompt-1")], cause=CAUSE, at=NOON)
        seen = naive_page(reader, 0)
        transaction.commit()
        seen += naive_page(reader, seen[-1][0])
    assert [stream for _, stream in seen] == ["prompt-1"]
    assert postgres.store.read_stream("late-1")


def test_a_late_commit_holds_its_readers_back(postgres: OpenedStore) -> None:
    store = postgres.store
    before = store.append([an_append("early-1")], cause=CAUSE, at=NOON).position
    with postgres.engine.connect() as late:
        transaction = late.begin()
        append_in_chunks(late, [an_append("late-1")], cause=CAUSE, at=NOON, rows=())
        store.append([an_append("prompt-1")], cause=CAUSE, at=NOON)
        page = store.read_all(after=0, limit=10)
        assert [event.stream for event in page.events] == ["early-1"]
        assert (page.upto, page.at_end, store.head()) == (before, True, before)
        transaction.commit()
    rest = store.read_all(after=page.upto, limit=10)
    assert [event.stream for event in rest.events] == ["late-1", "prompt-1"]


def test_a_rolled_back_append_holds_nobody_back(postgres: OpenedStore) -> None:
    with postgres.engine.connect() as unwanted:
        transaction = unwanted.begin()
        append_in_chunks(unwanted, [an_append("unwanted-1")], cause=CAUSE, at=NOON, rows=())
        transaction.rollback()
    postgres.store.append([an_append("prompt-1")], cause=CAUSE, at=NOON)
    page = postgres.store.read_all(after=0, limit=10)
    assert [event.stream for event in page.events] == ["prompt-1"]
    assert page.upto == postgres.store.head() == page.events[0].position


def test_a_copy_of_many_rows_takes_one_floor_lock(postgres: OpenedStore) -> None:
    with postgres.engine.connect() as bulk:
        transaction = bulk.begin()
        many = (an_append(f"bulk-{number}") for number in range(900))
        append_in_chunks(bulk, many, cause=CAUSE, at=NOON, rows=())
        held = bulk.execute(
            text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                " AND pid = pg_backend_pid()"
            )
        ).scalar_one()
        transaction.rollback()
    assert held <= 2  # one a statement, whatever the number of rows


def test_positions_are_given_out_one_by_one(postgres: OpenedStore) -> None:
    with postgres.read_engine.connect() as connection:
        cache = connection.execute(
            text("SELECT cache_size FROM pg_sequences WHERE sequencename = 'events_position_seq'")
        ).scalar_one()
    assert cache == 1


def test_sqlite_never_gives_out_a_position_again(sqlite: OpenedStore) -> None:
    first = sqlite.store.append([an_append("a-1")], cause=CAUSE, at=NOON).position
    with sqlite.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_DELETE")
        connection.exec_driver_sql("DELETE FROM events")
    assert sqlite.store.append([an_append("b-1")], cause=CAUSE, at=NOON).position > first

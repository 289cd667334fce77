"""A database that cannot be reached or cannot write says so in the store's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

from events.store.port import Expected, PutRow, StoreUnavailable
from events.store.sql import scanning
from events.store.sql.engine import check_durability, make_engine
from events.store.sql.engine import make_read_engine as read_engine_of
from events.store.sql.opening import open_store
from events.store.sql.refused import UnsupportedDatabase, WeakDurability
from events.store.sql.sqlite.engine import driver
from tests.contract.store.kit import pairs
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from events.store.port import EventStore, StreamAppend
    from events.store.sql.opening import OpenedStore

CAUSE = a_cause()


@pytest.mark.parametrize(
    "act",
    [
        lambda opened: opened.store.append([an_append()], cause=CAUSE, at=NOON),
        lambda opened: opened.store.append(iter([an_append()]), cause=CAUSE, at=NOON),
        lambda opened: opened.store.read_stream("a-1"),
        lambda opened: opened.store.read_all(after=0, limit=1),
        lambda opened: opened.store.head(),
        lambda opened: list(opened.store.scan()),
        lambda opened: list(opened.store.read_category("a", upto_position=1)),
        lambda opened: opened.cursors.load("relay"),
        lambda opened: opened.cursors.advance("relay", old=0, new=1),
        lambda opened: check_durability(opened.engine),
    ],
)
def test_a_server_that_is_not_there_is_unavailable(
    unreachable: OpenedStore, act: Callable[[OpenedStore], object]
) -> None:
    with pytest.raises(StoreUnavailable):
        act(unreachable)


def cut_off_after_1500(postgres: OpenedStore) -> Iterator[StreamAppend]:
    """Give appends, and end the session that takes them between two chunks."""
    for number in range(2_500):
        if number == 1_500:
            with postgres.read_engine.connect() as other:
                other.execute(
                    text(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND backend_xid IS NOT NULL"
                    )
                )
        yield an_append(f"lost-{number}")


def test_a_server_that_went_away_is_unavailable_and_then_found_again(
    postgres: OpenedStore,
) -> None:
    with pytest.raises(StoreUnavailable):
        postgres.store.append(cut_off_after_1500(postgres), cause=CAUSE, at=NOON)
    postgres.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    postgres.store.append(iter([an_append("b-1")]), cause=CAUSE, at=NOON)
    assert len(postgres.store.read_all(after=0, limit=10).events) == 2


def test_sessions_that_ended_while_nobody_used_them_are_all_left_at_once(
    postgres: OpenedStore,
) -> None:
    postgres.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    with postgres.engine.connect() as other:
        database = other.scalar(text("SELECT current_database()"))
    server = create_engine(postgres.engine.url.set(database="postgres"), poolclass=NullPool)
    with server.connect() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = :database"
            ),
            {"database": database},
        )
    with pytest.raises(StoreUnavailable):
        postgres.store.append([an_append("b-1")], cause=CAUSE, at=NOON)
    postgres.store.append([an_append("c-1")], cause=CAUSE, at=NOON)
    assert len(postgres.store.read_all(after=0, limit=10).events) == 2


def test_a_server_that_goes_away_between_two_pages_of_a_fold_is_unavailable(
    postgres: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PAGE", 1)
    postgres.store.append([an_append("a-1"), an_append("b-1")], cause=CAUSE, at=NOON)
    told = postgres.store.scan()
    assert next(told).stream == "a-1"
    with postgres.engine.begin() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    with pytest.raises(StoreUnavailable):
        next(told)
    assert [event.stream for event in postgres.store.scan()] == ["a-1", "b-1"]


def test_a_stream_locked_for_too_long_is_unavailable(postgres_url: str) -> None:
    opened = open_store(f"{postgres_url}?options=-c%20lock_timeout%3D100ms")
    opened.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    with opened.engine.begin() as connection:
        connection.execute(text("SELECT 1 FROM streams WHERE stream = 'a-1' FOR UPDATE"))
        with pytest.raises(StoreUnavailable):
            opened.store.append([an_append("a-1", expected=1)], cause=CAUSE, at=NOON)
    opened.store.append([an_append("a-1", expected=1)], cause=CAUSE, at=NOON)
    opened.close()


def test_a_server_that_only_reads_is_unavailable(postgres_url: str) -> None:
    opened = open_store(f"{postgres_url}?options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(StoreUnavailable):
        opened.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    opened.close()


def test_a_full_disk_is_unavailable_and_nothing_is_written(sqlite_url: str) -> None:
    opened = open_store(sqlite_url)
    opened.store.append([an_append("a-1")], cause=CAUSE, at=NOON)

    @event.listens_for(opened.engine, "checkout")
    def shrink(raw: object, record: object, proxy: object) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]  # sqlite3's
        raw.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]  # sqlite3's

    big = an_event(data={"text": "x" * 100_000})
    with pytest.raises(StoreUnavailable, match="full"):
        opened.store.append([an_append("b-1", big)], cause=CAUSE, at=NOON)
    assert opened.store.read_stream("b-1") == []
    event.remove(opened.engine, "checkout", shrink)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    opened.store.append([an_append("b-1", big)], cause=CAUSE, at=NOON)
    opened.close()


def test_a_writer_that_never_ends_makes_the_others_unavailable(sqlite_url: str) -> None:
    opened = open_store(sqlite_url)
    event.listen(opened.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=50"))
    path = opened.engine.url.database
    other = driver().connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        opened.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    other.close()
    opened.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    opened.close()


def test_a_pool_without_a_free_connection_is_unavailable(sqlite: OpenedStore) -> None:
    sqlite.engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # a QueuePool
    with sqlite.engine.begin(), pytest.raises(StoreUnavailable, match="free"):
        sqlite.store.append([an_append("a-1")], cause=CAUSE, at=NOON)


@pytest.mark.parametrize("expected", [Expected.NO_STREAM, Expected.ANY])
def test_a_mistake_in_a_row_stays_a_mistake(opened_store: OpenedStore, expected: Expected) -> None:
    row = PutRow(table=pairs, values={"first": "a", "second": None})
    with pytest.raises(IntegrityError):
        opened_store.store.append(
            [an_append("a-1", expected=expected, rows=[row])], cause=CAUSE, at=NOON
        )
    assert opened_store.store.read_stream("a-1") == []


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.append([an_append("a-1")], cause=CAUSE, at=NOON),
        lambda store: store.append(iter([an_append("a-1")]), cause=CAUSE, at=NOON),
        lambda store: store.read_stream("a-1"),
        lambda store: store.newest_of_streams("a", after=None, limit=1),
    ],
)
def test_a_database_without_tables_is_a_mistake(
    empty_store_url: str, act: Callable[[EventStore], object]
) -> None:
    opened = open_store(empty_store_url)
    with pytest.raises(DBAPIError, match=r"streams|events") as caught:
        act(opened.store)
    assert isinstance(caught.value, ProgrammingError) or "no such table" in str(caught.value)
    opened.close()


def test_a_durable_database_passes(opened_store: OpenedStore) -> None:
    check_durability(opened_store.engine)


def test_a_server_that_acknowledges_early_is_refused(postgres_url: str) -> None:
    engine = make_engine(f"{postgres_url}?options=-c%20synchronous_commit%3Doff")
    with pytest.raises(WeakDurability) as caught:
        check_durability(engine)
    assert (caught.value.setting, caught.value.value) == ("synchronous_commit", "off")
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "setting"),
    [("PRAGMA synchronous=NORMAL", "synchronous"), ("PRAGMA journal_mode=DELETE", "journal_mode")],
)
def test_a_file_that_is_not_flushed_is_refused(sqlite_url: str, pragma: str, setting: str) -> None:
    engine = make_engine(sqlite_url)
    event.listen(engine, "connect", lambda raw, _: raw.execute(pragma))
    with pytest.raises(WeakDurability) as caught:
        check_durability(engine)
    assert caught.value.setting == setting
    engine.dispose()


@pytest.mark.parametrize("make", [make_engine, read_engine_of, open_store])
def test_another_database_is_refused(make: Callable[[str], object]) -> None:
    with pytest.raises(UnsupportedDatabase, match="mysql"):
        make("mysql://localhost/relaybook")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase, match="memory"):
        open_store(url)

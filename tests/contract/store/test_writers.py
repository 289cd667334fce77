"""Writers of the same stream: one is first, nobody's change is lost, nobody waits for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from events.store.port import AddRow, Expected, PutRow, VersionConflict
from tests.contract.store.kit import things
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from events.store.port import ExpectedVersion
    from events.store.sql.opening import OpenedStore

CAUSE = a_cause()
WRITERS = 8


def attempt(opened: OpenedStore, expected: ExpectedVersion, start: threading.Barrier) -> bool:
    start.wait()
    try:
        opened.store.append([an_append("a-1", expected=expected)], cause=CAUSE, at=NOON)
    except VersionConflict:
        return False
    return True


def test_one_of_eight_begins_a_stream(opened_store: OpenedStore) -> None:
    start = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        done = pool.map(lambda _: attempt(opened_store, Expected.NO_STREAM, start), range(WRITERS))
        assert sorted(done) == [False] * (WRITERS - 1) + [True]
    assert len(opened_store.store.read_stream("a-1")) == 1


def test_one_of_eight_continues_a_version(opened_store: OpenedStore) -> None:
    opened_store.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    start = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        done = pool.map(lambda _: attempt(opened_store, 1, start), range(WRITERS))
        assert sorted(done) == [False] * (WRITERS - 1) + [True]
    assert len(opened_store.store.read_stream("a-1")) == 2


def test_all_of_eight_continue_any_version(opened_store: OpenedStore) -> None:
    start = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        done = pool.map(lambda _: attempt(opened_store, Expected.ANY, start), range(WRITERS))
        assert all(done)
    events = opened_store.store.read_stream("a-1")
    assert [event.version for event in events] == list(range(1, WRITERS + 1))


def test_imports_of_the_same_streams_in_other_orders_wait_for_each_other(
    opened_store: OpenedStore,
) -> None:
    names = [f"a-{number}" for number in range(300)]
    start = threading.Barrier(4)

    def carry_out(number: int) -> None:
        order = names if number % 2 else names[::-1]
        start.wait()
        opened_store.store.append(
            [
                an_append(
                    name,
                    expected=Expected.ANY,
                    rows=[PutRow(table=things, values={"id": name, "version": number})],
                )
                for name in order
            ],
            cause=CAUSE,
            at=NOON,
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(carry_out, range(4)))
    assert [len(opened_store.store.read_stream(name)) for name in names] == [4] * 300


def test_one_of_four_imports_begins_the_streams(opened_store: OpenedStore) -> None:
    names = [f"a-{number}" for number in range(300)]
    start = threading.Barrier(4)

    def carry_out(number: int) -> bool:
        order = names if number % 2 else names[::-1]
        start.wait()
        rows = {
            name: [AddRow(table=things, values={"id": name, "version": number})] for name in names
        }
        try:
            many = (an_append(name, rows=rows[name]) for name in order)
            opened_store.store.append(many, cause=CAUSE, at=NOON)
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(carry_out, range(4))) == [False, False, False, True]
    assert len(opened_store.store.read_all(after=0, limit=1_000).events) == 300

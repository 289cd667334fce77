"""On several hosts an append waits until readers there have heard, or can no longer answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic, sleep
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import text

from events.store.port import StoreUnavailable
from events.store.sql.board.topics import TOKENS, topic_of
from events.store.sql.opening import open_store
from events.store.sql.postgresql import hosts
from events.store.sql.postgresql.ear import Ear, EarLost
from events.store.sql.postgresql.lease_sight import LeaseSight
from tests.support.events import NOON, a_cause, an_append
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from events.store.port import StreamAppend
    from events.store.sql.opening import OpenedStore

ACME = topic_of("smtp_setting-acme") or 0
SETTING = "smtp_setting-acme"


@pytest.fixture
def here(postgres_url: str) -> Iterator[OpenedStore]:
    """A writer; without a folder that they share, each store is on a host of its own."""
    with closing(open_store(postgres_url)) as store:
        yield store


@pytest.fixture
def there(postgres_url: str) -> Iterator[OpenedStore]:
    """A reader that keeps answers, on another host."""
    with closing(open_store(postgres_url)) as store:
        store.sight.start()
        eventually(lambda: store.sight.until > 0)
        yield store


def append(store: OpenedStore, appends: Iterable[StreamAppend]) -> float:
    """Append and return how long it took."""
    began = monotonic()
    store.store.append(appends, cause=a_cause(), at=NOON)
    return monotonic() - began


def a_lease(store: OpenedStore, seconds: float) -> None:
    """Make the lease of a reader on a third host that never says anything."""
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO read_leases VALUES"
                " ('silent', 'third', clock_timestamp() + make_interval(secs => :seconds))"
            ),
            {"seconds": seconds},
        )


def end_sessions_that_listen(store: OpenedStore, channel: str) -> None:
    with store.engine.begin() as connection:
        ended = connection.scalars(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE :listen"
            ),
            {"listen": f"LISTEN {channel}"},
        )
        assert any(ended)


def test_readers_elsewhere_have_heard_before_an_append_is_acknowledged(
    here: OpenedStore, there: OpenedStore
) -> None:
    board = there.sight.board
    before = board.look([ACME])
    append(here, [an_append(SETTING)])
    after = board.look([ACME])
    assert before != after
    before = board.look([TOKENS])
    append(here, iter([an_append("token-1"), an_append("test-2"), an_append("smtp_setting-b")]))
    assert board.look([TOKENS]) != before


def test_many_writers_at_once_wait_without_holding_connections(
    postgres_url: str, there: OpenedStore
) -> None:
    assert there.sight.until > 0
    with (
        closing(open_store(postgres_url, pool_size=2)) as writer,
        ThreadPoolExecutor(8) as pool,
    ):
        streams = [f"smtp_setting-{number}" for number in range(24)]
        took = list(pool.map(lambda stream: append(writer, [an_append(stream)]), streams))
    assert len(took) == len(streams)


def test_what_readers_do_not_keep_waits_for_nobody(here: OpenedStore) -> None:
    a_lease(here, 60)
    append(here, [an_append("test-1")])


def test_a_silent_reader_is_waited_for_until_its_lease_ends(here: OpenedStore) -> None:
    a_lease(here, 1.5)
    began = monotonic()
    append(here, [an_append(SETTING)])
    assert monotonic() - began > 1.0


def test_a_reader_that_renews_and_never_answers_stops_the_writer(
    here: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "_MOST_SECONDS", 0.3)
    a_lease(here, 60)
    with pytest.raises(StoreUnavailable, match="readers on other hosts"):
        append(here, [an_append(SETTING)])


def test_readers_of_the_own_host_are_told_by_the_board_alone(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts.HostsNotices, "_tell", lambda *_: pytest.fail("somebody is told"))
    with (
        closing(open_store(postgres_url, board=tmp_path)) as reader,
        closing(open_store(postgres_url, board=tmp_path)) as writer,
    ):
        reader.sight.start()
        eventually(lambda: reader.sight.until > 0)
        before = reader.sight.board.look([ACME])
        append(writer, [an_append(SETTING)])
        assert reader.sight.board.look([ACME]) != before


def test_a_writer_asks_for_other_readers_once_a_second_at_most(
    here: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(here, [an_append(SETTING)])
    monkeypatch.setattr(
        "events.store.sql.postgresql.leases.Leases.of_others", lambda *_: pytest.fail("asked")
    )
    append(here, [an_append("smtp_setting-b")])


def test_a_reader_that_lost_its_session_begins_anew(here: OpenedStore, there: OpenedStore) -> None:
    before = there.sight.board.look([ACME])
    end_sessions_that_listen(here, "relaybook_reads")
    eventually(lambda: there.sight.until == 0.0)
    eventually(lambda: there.sight.until > 0)
    assert there.sight.board.look([ACME]) != before  # what was kept by then counts no more


def test_a_writer_that_lost_its_session_listens_again(
    here: OpenedStore, there: OpenedStore
) -> None:
    append(here, [an_append(SETTING)])
    end_sessions_that_listen(here, "relaybook_reads_heard")
    append(here, [an_append("smtp_setting-b")])


def test_a_reader_stays_sure_while_it_renews_its_lease(there: OpenedStore) -> None:
    first = there.sight.until
    before = there.sight.board.look([ACME])
    eventually(lambda: there.sight.until > first)
    assert there.sight.board.look([ACME]) == before  # what is kept stays


def test_what_a_reader_hears_of_its_own_board_it_has_seen_there(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        closing(open_store(postgres_url, board=tmp_path)) as reader,
        closing(open_store(postgres_url, board=tmp_path)) as writer,
    ):
        reader.sight.start()
        eventually(lambda: reader.sight.until > 0)
        a_lease(writer, 1.0)  # so that somebody is told
        taken: list[str] = []
        monkeypatch.setattr(reader.sight, "_take", taken.extend)
        append(writer, [an_append(SETTING)])
        eventually(lambda: taken)
        before = reader.sight.board.look([ACME])
        LeaseSight._take(cast("LeaseSight", reader.sight), taken)
        assert reader.sight.board.look([ACME]) == before


def test_a_word_that_comes_too_late_counts_for_nothing(here: OpenedStore) -> None:
    a_lease(here, 1.5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(append, here, [an_append(SETTING)])
        while not waiting.done():
            with here.engine.begin() as connection:
                connection.execute(
                    text("SELECT pg_notify('relaybook_reads_heard', 'long-ago silent')")
                )
            sleep(0.1)
    assert waiting.result() > 1.0


def test_an_ear_that_is_closed_hears_nothing(here: OpenedStore) -> None:
    with pytest.raises(EarLost):
        Ear(here.engine, "relaybook_reads").hear(0)


def test_a_reader_that_leaves_is_not_waited_for(here: OpenedStore, there: OpenedStore) -> None:
    append(here, [an_append(SETTING)])
    there.close()
    with here.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM read_leases")).scalar_one() == 0


def test_a_reader_without_its_database_is_sure_of_nothing(unreachable: OpenedStore) -> None:
    unreachable.sight.start()
    unreachable.sight.close()
    assert unreachable.sight.until == 0.0

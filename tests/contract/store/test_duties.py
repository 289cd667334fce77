"""One process at a time does a duty, and another one goes on where it is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text

from events.store.port import StoreUnavailable
from events.store.sql.opening import open_store
from events.store.sql.postgresql.duties import PostgresDuties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store.port import Holding
    from events.store.sql.opening import OpenedStore

PATIENCE_SECONDS = 20.0


@pytest.fixture
def second(opened_store: OpenedStore, store_url: str) -> Iterator[OpenedStore]:
    """The same store as another process would open it."""
    assert opened_store.engine.url.database == make_url(store_url).database
    store = open_store(store_url)
    yield store
    store.close()


def hold(opened: OpenedStore, name: str) -> Holding:
    holding = opened.duties.try_hold(name)
    assert holding is not None
    return holding


def hold_in_the_end(opened: OpenedStore, name: str) -> Holding:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (holding := opened.duties.try_hold(name)) is None:
        assert time.monotonic() < deadline, "the duty never became free"
        time.sleep(0.05)
    return holding


def test_a_duty_is_held_once(opened_store: OpenedStore, second: OpenedStore) -> None:
    first = hold(opened_store, "seal")
    assert first.still_held()
    assert second.duties.try_hold("seal") is None
    assert opened_store.duties.try_hold("seal") is None
    other = hold(second, "publish")
    other.release()
    first.release()
    assert not first.still_held()


def test_a_released_duty_is_free(opened_store: OpenedStore, second: OpenedStore) -> None:
    hold(opened_store, "seal").release()
    again = hold_in_the_end(second, "seal")
    assert again.still_held()
    again.release()


def test_releasing_twice_is_once(opened_store: OpenedStore) -> None:
    holding = hold(opened_store, "seal")
    holding.release()
    holding.release()
    assert not holding.still_held()


def test_a_killed_holder_loses_its_duty(opened_store: OpenedStore, store_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store.holder", store_url, "seal"],
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert opened_store.duties.try_hold("seal") is None
        holder.kill()
        holder.wait()
    hold_in_the_end(opened_store, "seal").release()


def test_a_holder_whose_session_ended_knows_it(postgres: OpenedStore) -> None:
    holding = hold(postgres, "seal")
    with postgres.read_engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                " WHERE locktype = 'advisory' AND objsubid = 2"
            )
        )
    assert not holding.still_held()
    again = hold(postgres, "seal")
    assert not holding.still_held()
    assert again.still_held()
    again.release()
    holding.release()


def test_a_holder_whose_file_was_removed_knows_it(sqlite: OpenedStore, sqlite_url: str) -> None:
    holding = hold(sqlite, "seal")
    database = make_url(sqlite_url).database
    assert database is not None
    path = database.rpartition("/")[0] + "/seal.duty"
    subprocess.run(["rm", path], check=True)
    assert not holding.still_held()
    holding.release()


def test_a_duty_that_cannot_be_asked_for_is_told(unreachable: OpenedStore) -> None:
    with pytest.raises(StoreUnavailable):
        PostgresDuties(unreachable.engine).try_hold("seal")


def test_a_duty_is_asked_for_again_after_the_server_went_away(postgres: OpenedStore) -> None:
    hold(postgres, "seal").release()
    with postgres.engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with postgres.read_engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with pytest.raises(StoreUnavailable):
        postgres.duties.try_hold("seal")
    hold(postgres, "seal").release()


def test_a_refused_duty_gives_its_connection_back(postgres: OpenedStore) -> None:
    holding = hold(postgres, "seal")
    for _ in range(30):
        assert postgres.duties.try_hold("seal") is None
    assert postgres.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool
    holding.release()

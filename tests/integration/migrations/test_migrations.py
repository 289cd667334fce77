"""Revisions lead to exactly the tables of the program, forwards and back, on both databases."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import ProgrammingError

import deploy.migrations
from deploy.migrations import downgrade, is_current, migrate
from events.store.port import DropRow, Expected, PutRow, StoreUnavailable
from events.store.sql.engine import make_engine
from events.store.sql.opening import open_store
from events.store.sql.tables import cursors, metadata, streams
from tests.support.events import NOON, a_cause, an_append
from tests.support.processes import RELAYBOOK, Processes
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from events.store.port import RowWrite

ROOT = Path(__file__).resolve().parents[3]
ALEMBIC = {"alembic_version"}


def import_every_table() -> None:
    """Import the modules that add tables to the shared metadata, by their names."""
    for path in sorted(ROOT.glob("services/**/*tables.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def tables_of(url: str) -> set[str]:
    engine = make_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names - ALEMBIC


def test_a_migrated_database_has_exactly_the_tables_of_the_program(empty_store_url: str) -> None:
    import_every_table()
    migrate(empty_store_url)
    engine = make_engine(empty_store_url)
    with engine.connect() as connection:
        defaults = engine.dialect.name == "postgresql"  # SQLite takes an identity for a default
        context = MigrationContext.configure(connection, opts={"compare_server_default": defaults})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_a_missing_column_would_be_found(empty_sqlite_url: str) -> None:
    migrate(empty_sqlite_url)
    engine = make_engine(empty_sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cursors DROP COLUMN updated_at")
        context = MigrationContext.configure(connection)
        assert any("add_column" in difference for difference in compare_metadata(context, metadata))
    engine.dispose()


def test_a_database_goes_all_the_way_back_and_forth(empty_store_url: str) -> None:
    migrate(empty_store_url)
    tables = tables_of(empty_store_url)
    assert {"streams", "events", "cursors"} <= tables
    downgrade(empty_store_url, "base")
    assert tables_of(empty_store_url) == set()
    migrate(empty_store_url)
    assert tables_of(empty_store_url) == tables
    opened = open_store(empty_store_url)
    opened.store.append([an_append()], cause=a_cause(), at=NOON)
    opened.close()


def test_migrating_again_keeps_the_data(store_url: str) -> None:
    opened = open_store(store_url)
    opened.store.append([an_append("a-1")], cause=a_cause(), at=NOON)
    migrate(store_url)
    assert len(opened.store.read_stream("a-1")) == 1
    opened.close()


def test_two_that_migrate_at_once_wait_for_each_other(empty_store_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate, [empty_store_url] * 2))
    assert is_current(empty_store_url)


def test_two_processes_that_migrate_at_once_wait_for_each_other(
    empty_store_url: str, tmp_path: Path
) -> None:
    environment = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": empty_store_url,
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
    }
    with Processes(environment, tmp_path) as processes:
        both = [processes.start([*RELAYBOOK, "migrate"]) for _ in range(2)]
        ended = [one.wait(100) for one in both]
    assert ended == [0, 0], [path.read_text() for path in tmp_path.glob("*.log")]
    assert is_current(empty_store_url)


def test_a_table_that_somebody_holds_is_not_waited_for(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy.migrations, "_PATIENCE", "100ms")
    migrate(empty_postgres_url)
    downgrade(empty_postgres_url, "0007_detections")
    engine = make_engine(empty_postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE events IN ROW EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            migrate(empty_postgres_url)
        assert not is_current(empty_postgres_url)
    engine.dispose()
    migrate(empty_postgres_url)
    assert is_current(empty_postgres_url)


def test_data_survives_the_way_to_each_revision_that_has_its_tables(empty_store_url: str) -> None:
    migrate(empty_store_url)
    opened = open_store(empty_store_url)
    opened.store.append([an_append("a-1")], cause=a_cause(), at=NOON)
    (written,) = opened.store.read_stream("a-1")
    opened.close()
    for revision in ("0007_detections", "0004_sealed_log", "0002_service", "0001_event_store"):
        downgrade(empty_store_url, revision)
        assert not is_current(empty_store_url)
    migrate(empty_store_url)
    opened = open_store(empty_store_url)
    assert list(opened.store.read_stream("a-1")) == [written]
    opened.store.append([an_append("a-2")], cause=a_cause(), at=NOON)
    assert opened.store.head() == 2
    opened.close()


def test_an_empty_database_is_not_current(empty_store_url: str) -> None:
    assert not is_current(empty_store_url)
    migrate(empty_store_url)
    assert is_current(empty_store_url)


@pytest.mark.parametrize(("found", "current"), [("9999_of_the_future", True), ("", False)])
def test_a_newer_database_serves_an_older_program(
    sqlite_url: str, found: str, *, current: bool
) -> None:
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        statement = "UPDATE alembic_version SET version_num = :found"
        connection.execute(
            text(statement if found else "DELETE FROM alembic_version"), {"found": found}
        )
    engine.dispose()
    assert is_current(sqlite_url) is current


def test_a_failed_migration_leaves_nothing(
    empty_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no rights to give")

    monkeypatch.setattr(deploy.migrations, "grant", fail)
    if empty_store_url.startswith("sqlite"):
        migrate(empty_store_url, application_role="app")  # SQLite has no roles
        return
    with pytest.raises(RuntimeError, match="no rights"):
        migrate(empty_store_url, application_role="app")
    assert tables_of(empty_store_url) == set()


@pytest.fixture
def migrated_url(empty_postgres_url: str, application_role: str, application_url: str) -> str:
    """A database as its application's own role reaches it once the owner has migrated it."""
    migrate(empty_postgres_url, application_role=application_role)
    return application_url


def test_the_application_has_the_rights_that_it_needs(migrated_url: str) -> None:
    opened = open_store(migrated_url)
    rows: list[RowWrite] = [
        PutRow(table=streams, values={"stream": "other-1", "version": 1}),
        DropRow(table=cursors, key={"name": "nobody"}),
    ]
    opened.store.append([an_append("a-1", rows=rows)], cause=a_cause(), at=NOON)
    any_version = an_append("a-1", expected=Expected.ANY)
    opened.store.append([any_version], cause=a_cause(), at=NOON)
    opened.cursors.advance("relay", old=0, new=2)
    assert len(opened.store.read_all(after=0, limit=10).events) == 2
    holding = opened.duties.try_hold("seal")
    assert holding is not None
    holding.release()
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'user:mallory'",
        "DELETE FROM events",
        "TRUNCATE events",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
        "UPDATE alembic_version SET version_num = 'x'",
        "SELECT setval('events_position_seq', 1)",
    ],
)
def test_the_application_has_no_right_to_change_history(migrated_url: str, statement: str) -> None:
    engine = make_engine(migrated_url)
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        engine.begin() as connection,
    ):
        connection.execute(text(statement))
    engine.dispose()


def test_the_owner_needs_no_grant(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url, application_role=make_url(empty_postgres_url).username)
    assert is_current(empty_postgres_url)

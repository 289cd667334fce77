"""Brings a database to the tables that this version of the program needs.

A service adds its tables to `events.store.sql.tables.metadata` and a revision to `versions/`:
number and name as the file (`0002_read_model.py`), `down_revision` the one before, and `upgrade`
and `downgrade` written out, without imports from the product, since a revision never changes. Old
and new versions of the program run side by side: expand first, contract in a later release, whose
revision says `unused_since` which released version nothing uses any more what it takes away.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from events.failpoints import reach
from events.store.sql.engine import make_engine
from events.store.sql.failures import translated

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import URL, Connection

_HERE = Path(__file__).parent
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8, 1)")
#: Requests queue behind whoever waits for a table: giving up and trying again harms nobody.
_PATIENCE = "3s"
_GRANTS = (
    'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{role}"',  # a rebuild stages its rows
    'GRANT USAGE ON SCHEMA public TO "{role}"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
    'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
    'REVOKE UPDATE, DELETE, TRUNCATE ON events, log_checkpoints FROM "{role}"',
    'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM "{role}"',
)


def migrate(url: str | URL, *, application_role: str | None = None) -> None:
    """Bring the database to the newest revision, all of it or nothing; others wait meanwhile.

    A table that a transaction of somebody else holds for seconds is StoreUnavailable: try again.
    On PostgreSQL `application_role` is given what the program needs and no more (on events:
    insert and read), where it is not the owner itself.

    Raises StoreUnavailable.
    """
    from alembic import command  # noqa: PLC0415 -- a sixth of a second of every start

    engine = make_engine(url)
    try:
        with translated(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                _take_turns(connection)
            reach("migration.begun")
            command.upgrade(_config(connection), "head")
            if application_role is not None and engine.dialect.name == "postgresql":
                grant(connection, application_role)
        reach("migration.done")
    finally:
        engine.dispose()


def downgrade(url: str | URL, revision: str) -> None:
    """Take the database back to a revision (`base`: no table at all); data goes with its tables.

    Raises StoreUnavailable.
    """
    from alembic import command  # noqa: PLC0415 -- as above

    engine = make_engine(url)
    try:
        with translated(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                _take_turns(connection)
            command.downgrade(_config(connection), revision)
    finally:
        engine.dispose()


def is_current(url: str | URL) -> bool:
    """Return whether this program can run on the database: it is at its revision, or a newer one.

    Raises StoreUnavailable.
    """
    known = revisions()
    engine = make_engine(url)
    try:
        with translated(), engine.connect() as connection:
            found = _revision_of(connection)
    finally:
        engine.dispose()
    return found is not None and (found == known[-1] or found not in known)


def revisions() -> list[str]:
    """Return the revisions in their order; each is named as its file."""
    return sorted(path.stem for path in (_HERE / "versions").glob("[0-9]*.py"))


def grant(connection: Connection, role: str) -> None:
    """Give the application's role its rights on the tables of this database."""
    owner, database = connection.execute(text("SELECT current_user, current_database()")).one()
    if role == owner:
        return
    names = {"role": _inside_quotes(role), "database": _inside_quotes(database)}
    for statement in _GRANTS:
        connection.exec_driver_sql(statement.format(**names))


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _take_turns(connection: Connection) -> None:
    """Wait for another migration without a limit, for tables only for a moment."""
    connection.execute(_ONE_AT_A_TIME)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")


def _inside_quotes(name: str) -> str:
    return name.replace('"', '""')


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config  # noqa: PLC0415 -- as above

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

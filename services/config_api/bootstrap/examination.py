"""What an operator asks when something seems wrong: each part of this host's set-up, examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from deploy.migrations import is_current
from events.bus.embedded.bus import embedded_url
from events.bus.open import open_bus
from events.store.port import StoreError
from events.store.sql.engine import check_durability, make_engine
from events.store.sql.failures import translated
from services.config_api.application.defaults_file import InvalidDefaults
from services.config_api.application.sealed_log.continuity import SealingRefused
from services.config_api.bootstrap.building import Relaybook, build, read_defaults_file, utc_now
from services.config_api.bootstrap.examined_host import host_findings
from services.config_api.bootstrap.examined_servers import (
    bus_findings,
    clock_finding,
    server_finding,
)
from services.config_api.bootstrap.finding import Finding, Part
from services.config_api.read_model.rebuild import status
from services.config_api.settings import Settings
from services.config_api.vault.errors import VaultError

#: Whether the role may do more to the events than insert and read, or is above all rights.
_MAY_REWRITE = text("""
    SELECT rolsuper
        OR pg_has_role(current_user, relowner, 'MEMBER')
        OR has_table_privilege(current_user, pg_class.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
    FROM pg_class, pg_roles
    WHERE pg_class.oid = 'events'::regclass AND rolname = current_user
""")


def examine(settings: Settings) -> list[Finding]:
    """Return a finding for every part, whatever is wrong with the others; changes nothing."""
    bus = open_bus(settings.broker_url or embedded_url(settings.bus_path))
    return [
        *host_findings(settings),
        *_database(settings),
        *_own_files(settings),
        *bus_findings(bus, settings.broker_url),
    ]


def _database(settings: Settings) -> Iterator[Finding]:
    """Examine the database; once it cannot be used, what needs it is skipped."""
    parts: tuple[Part, ...] = ("server", "durability", "schema", "history", "clock")
    try:
        engine = make_engine(settings.database_url, pool_size=1)
        with translated(), engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except TypeError:  # SQLAlchemy expects text from a server, which then answers bytes
        yield Finding(part="database", state="wrong", reason="encoding", detail="SQL_ASCII")
        yield from (Finding(part=part, state="skipped") for part in parts)
        return
    except (StoreError, SQLAlchemyError) as error:
        yield Finding(part="database", state="wrong", reason=str(error))
        yield from (Finding(part=part, state="skipped") for part in parts)
        return
    yield Finding(part="database", state="ok")
    try:
        yield server_finding(engine)
        yield _found("durability", lambda: check_durability(engine), SQLAlchemyError, StoreError)
        yield from _schema_and_history(settings, engine)
    finally:
        engine.dispose()


def _schema_and_history(settings: Settings, engine: Engine) -> Iterator[Finding]:
    if not is_current(settings.database_url):
        yield Finding(part="schema", state="wrong", reason="not_migrated")
        yield Finding(part="history", state="skipped")
        yield Finding(part="clock", state="skipped")
        return
    yield Finding(part="schema", state="ok")
    if may_rewrite_history(engine):
        yield Finding(part="history", state="warning", reason="one_role")
    else:
        yield Finding(part="history", state="ok")
    yield clock_finding(engine, utc_now)


def may_rewrite_history(engine: Engine) -> bool:
    """Return whether PostgreSQL would let this role change events once the triggers are off.

    SQLite knows no roles: there the file's owner may always, and nothing better can be set up.
    """
    if engine.dialect.name != "postgresql":
        return False
    with translated(), engine.connect() as connection:
        return bool(connection.execute(_MAY_REWRITE).scalar_one())


def _own_files(settings: Settings) -> Iterator[Finding]:
    """Examine the master key against the stored keys, and the defaults file."""
    try:
        relaybook = build(settings)
    except (VaultError, StoreError, OSError) as error:
        yield Finding(part="master_key", state="wrong", reason=str(error))
        yield Finding(part="sealed_log", state="skipped")
        yield Finding(part="projections", state="skipped")
        yield Finding(part="defaults", state="skipped")
        yield Finding(part="webhooks", state="skipped")
        return
    with closing(relaybook):
        yield _master_key(relaybook)
        yield _sealed_log(relaybook)
        yield _projections(relaybook)
        yield _found(
            "defaults", lambda: read_defaults_file(settings.defaults_file), InvalidDefaults
        )
        yield _webhooks(relaybook)


def _master_key(relaybook: Relaybook) -> Finding:
    """Examine the master key, which only a database that can be asked tells to be the right one."""
    try:
        return _found("master_key", relaybook.vault.check, VaultError, OSError)
    except (StoreError, SQLAlchemyError):
        return Finding(part="master_key", state="skipped")


def _sealed_log(relaybook: Relaybook) -> Finding:
    try:
        relaybook.log.continuity.taken_up()
    except SealingRefused as error:
        return Finding(part="sealed_log", state="wrong", reason=error.reason)
    except (StoreError, SQLAlchemyError):
        return Finding(part="sealed_log", state="skipped")
    return Finding(part="sealed_log", state="ok")


def _projections(relaybook: Relaybook) -> Finding:
    try:
        behind = any(one.lag for one in status(relaybook.read_engine, relaybook.store))
    except (StoreError, SQLAlchemyError):
        return Finding(part="projections", state="skipped")
    if behind:
        return Finding(part="projections", state="wrong", reason="behind")
    return Finding(part="projections", state="ok")


def _webhooks(relaybook: Relaybook) -> Finding:
    try:
        parked = relaybook.webhooks.deliveries.counts()["parked"]
    except (StoreError, SQLAlchemyError):
        return Finding(part="webhooks", state="skipped")
    if parked:
        return Finding(part="webhooks", state="warning", reason="parked")
    return Finding(part="webhooks", state="ok")


def _found(part: Part, look: Callable[[], object], *wrong: type[Exception]) -> Finding:
    try:
        look()
    except wrong as error:
        return Finding(part=part, state="wrong", reason=str(error))
    return Finding(part=part, state="ok")

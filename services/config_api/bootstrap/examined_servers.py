"""The servers' part of an examination: the database's set-up, clocks, and what the broker holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text

from events.bus.port import Bus, BusError
from events.bus.rabbitmq import rabbitmq_version
from events.bus.topology import CONNECTION_TESTS, DEAD_LETTERS
from events.store.sql.failures import translated
from events.store.sql.tables import events
from services.config_api.application.context import Clock
from services.config_api.bootstrap.finding import Finding

_OLDEST_POSTGRESQL: Final = 13
_OLDEST_RABBITMQ: Final = (3, 10)
_APART: Final = timedelta(seconds=2)
_FEWEST_CONNECTIONS: Final = 40


def server_finding(engine: Engine) -> Finding:
    """Tell whether PostgreSQL is one that the service works on; a file has nothing to be set."""
    if engine.dialect.name != "postgresql":
        return Finding(part="server", state="ok")
    with translated(), engine.connect() as connection:
        version = int(_shown(connection, "server_version_num"))
        if version // 10_000 < _OLDEST_POSTGRESQL:
            told = _shown(connection, "server_version")
            return Finding(part="server", state="wrong", reason="old_postgresql", detail=told)
        if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
            return Finding(part="server", state="wrong", reason="standby")
        if (encoding := _shown(connection, "server_encoding")) != "UTF8":
            return Finding(part="server", state="wrong", reason="encoding", detail=encoding)
        if int(places := _shown(connection, "max_connections")) < _FEWEST_CONNECTIONS:
            return Finding(part="server", state="warning", reason="few_places", detail=places)
    return Finding(part="server", state="ok")


def clock_finding(engine: Engine, clock: Clock) -> Finding:
    """Compare this host's clock with the database's, and with the newest event.

    Order is by position, so nothing breaks; times that people read, and limits, would be off.
    """
    with translated(), engine.connect() as connection:
        here = clock()
        there = _clock_of(connection)
        newest = connection.execute(select(func.max(events.c.recorded_at))).scalar_one_or_none()
    if there is not None and abs(there - here) > _APART:
        detail = f"{(here - there).total_seconds():+.1f} s"
        return Finding(part="clock", state="warning", reason="clocks_apart", detail=detail)
    if newest is not None and newest - here > _APART:
        detail = newest.isoformat()
        return Finding(part="clock", state="warning", reason="clock_behind", detail=detail)
    return Finding(part="clock", state="ok")


def bus_findings(bus: Bus, broker_url: str | None) -> Iterator[Finding]:
    """Examine whether the bus answers, whether it is new enough, and what was given up on it."""
    try:
        bus.depth(CONNECTION_TESTS)
        given_up = bus.depth(DEAD_LETTERS)
        version = None if broker_url is None else rabbitmq_version(broker_url)
    except (BusError, OSError) as error:
        yield Finding(part="bus", state="wrong", reason=str(error))
        yield Finding(part="broker", state="skipped")
        yield Finding(part="dead_letters", state="skipped")
        return
    yield Finding(part="bus", state="ok")
    yield broker_finding(version)
    if given_up:
        detail = str(given_up)
        yield Finding(part="dead_letters", state="warning", reason="given_up", detail=detail)
    else:
        yield Finding(part="dead_letters", state="ok")


def broker_finding(version: str | None) -> Finding:
    """Tell whether RabbitMQ is new enough not to lose dead letters; None is the embedded bus."""
    if version is not None and _numbers(version) < _OLDEST_RABBITMQ:
        return Finding(part="broker", state="wrong", reason="old_rabbitmq", detail=version)
    return Finding(part="broker", state="ok")


def _clock_of(connection: Connection) -> datetime | None:
    """Return the database's time, None where it is a file and has none."""
    if connection.dialect.name != "postgresql":
        return None
    told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return told.astimezone(UTC)


def _shown(connection: Connection, setting: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {setting}").scalar_one())


def _numbers(version: str) -> tuple[int, ...]:
    """Return the two numbers that a version begins with."""
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())

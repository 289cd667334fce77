"""Refills the read model from the events, beside the live rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Engine, Table, func, literal, select

from events.access import TOKEN_CATEGORY, USER_CATEGORY
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.envelope import stream_name
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.store.port import EventStore
from events.store.sql.failures import translated
from events.store.sql.tables import streams
from services.config_api.read_model.folding import Folded, Row, fold_all
from services.config_api.read_model.swap import Refold, swap
from services.config_api.read_model.tables import (
    connection_tests,
    last_tests,
    smtp_settings,
    tokens,
    users,
)

#: Table whose rows are one a stream → the streams' category.
PROJECTED = {
    smtp_settings: SETTING_CATEGORY,
    connection_tests: TEST_CATEGORY,
    tokens: TOKEN_CATEGORY,
    users: USER_CATEGORY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildReport:
    """What a rebuild found: rows now there, rows that differed from the events, seconds taken."""

    rows: int
    differing: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectionStatus:
    """One projection when the store's head was `position`.

    `lag` is how many events its rows have not seen; it is above 0 only where rows were altered
    from outside, since commands write them in their own transaction.
    """

    name: str
    rows: int
    lag: int
    position: int


def rebuild(engine: Engine, store: EventStore) -> RebuildReport:
    """Fold all events, compare with the live rows and exchange those that differ.

    Commands go on meanwhile. Each table is exchanged in a transaction of its own, so that no
    command can wait for a second table while it holds a first. Raises StoreUnavailable.
    """
    began = monotonic()
    rows = fold_all(store).rows()
    differing = 0
    for live, version, refold in _plans(store):
        with translated(), engine.begin() as connection:
            differing += swap(connection, live, rows[live.name], version=version, refold=refold)
    found = sum(_count(engine, live) for live, _, _ in _plans(store))
    return RebuildReport(rows=found, differing=differing, seconds=monotonic() - began)


def status(engine: Engine, store: EventStore) -> list[ProjectionStatus]:
    """Return every projection with its lag; raises StoreUnavailable."""
    position = store.head()
    return [
        ProjectionStatus(
            name=live.name,
            rows=_count(engine, live),
            lag=_lag(engine, live, category),
            position=position,
        )
        for live, category in PROJECTED.items()
    ]


def _plans(store: EventStore) -> Iterator[tuple[Table, str, Refold]]:
    for live, category in PROJECTED.items():
        yield live, "version", _by_own_stream(store, live, category)
    yield last_tests, "position", _by_newest_test(store)


def _by_own_stream(store: EventStore, live: Table, category: str) -> Refold:
    def refold(key: str, _live: Row | None, _new: Row | None) -> Row | None:
        return next(iter(_fold_stream(store, stream_name(category, key))[live.name]), None)

    return refold


def _by_newest_test(store: EventStore) -> Refold:
    def refold(key: str, old: Row | None, new: Row | None) -> Row | None:
        """Take the live row's test if its own stream says that it is the newer one."""
        if old is None:
            return new
        rows = _fold_stream(store, stream_name(TEST_CATEGORY, old["test_id"]))[last_tests.name]
        told = [row for row in rows if row["setting_id"] == key]
        both = [row for row in (*told, new) if row is not None]
        return max(both, key=lambda row: int(row["position"]), default=None)

    return refold


def _fold_stream(store: EventStore, stream: str) -> dict[str, list[Row]]:
    folded = Folded()
    for event in store.read_stream(stream):
        folded.take(event)
    return folded.rows()


def _count(engine: Engine, live: Table) -> int:
    return _number(engine, select(func.count()).select_from(live))


def _lag(engine: Engine, live: Table, category: str) -> int:
    """Return by how many events the streams are ahead of their rows."""
    stream = literal(stream_name(category, "")) + live.c.id
    ahead = streams.c.version - live.c.version
    behind = (
        select(func.coalesce(func.sum(ahead), 0))
        .select_from(live.join(streams, streams.c.stream == stream))
        .where(ahead > 0)
    )
    return int(_number(engine, behind))


def _number(engine: Engine, statement: Any) -> int:  # noqa: ANN401 -- a select of one number
    with translated(), engine.connect() as connection:
        number: int = connection.execute(statement).scalar_one()
        return number

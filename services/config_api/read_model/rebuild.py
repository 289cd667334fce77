"""Refills the read model from the events, beside the live rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Engine, Table, func, literal, select

from events.access import TOKEN_CATEGORY, USER_CATEGORY
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.detection import CATEGORY as DETECTION_CATEGORY
from events.envelope import stream_name
from events.failpoints import reach
from events.oauth_provider import CATEGORY as PROVIDER_CATEGORY
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.store.port import EventStore
from events.store.sql.failures import translated
from events.store.sql.tables import streams
from events.webhook import CATEGORY as WEBHOOK_CATEGORY
from services.config_api.read_model.folding import Folded, Row, fold_all, without_collector
from services.config_api.read_model.swap import Plan, Refold, swap
from services.config_api.read_model.tables import (
    connection_tests,
    detections,
    last_tests,
    oauth_providers,
    smtp_settings,
    tokens,
    users,
    webhooks,
)

#: Table whose rows are one a stream → the streams' category.
PROJECTED = {
    smtp_settings: SETTING_CATEGORY,
    connection_tests: TEST_CATEGORY,
    detections: DETECTION_CATEGORY,
    tokens: TOKEN_CATEGORY,
    users: USER_CATEGORY,
    oauth_providers: PROVIDER_CATEGORY,
    webhooks: WEBHOOK_CATEGORY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildReport:
    """What a rebuild found: rows now there, rows that differed from the events, seconds taken.

    `later` counts the streams that hold what only a later release knows; their rows were left.
    """

    rows: int
    differing: int
    later: int
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
    command can wait for a second table while it holds a first. Rows of streams in which a later
    release wrote what this one does not know stay as they are. Raises UnfoldableEvent, and
    StoreUnavailable.
    """
    began = monotonic()
    with without_collector():
        folded = fold_all(store.scan())
        plans = list(_plans(store, folded))
        reach("rebuild.folded")
        differing = 0
        for plan in plans:
            with translated(), engine.begin() as connection:
                differing += swap(connection, folded.rows(plan.live), plan)
            reach("rebuild.swapped")
    found = sum(_count(engine, plan.live) for plan in plans)
    return RebuildReport(
        rows=found,
        differing=differing,
        later=len(folded.later),
        seconds=monotonic() - began,
    )


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


def _plans(store: EventStore, folded: Folded) -> Iterator[Plan]:
    for live, category in PROJECTED.items():
        yield Plan(
            live=live,
            version="version",
            refold=_by_own_stream(store, live, category),
            again=_subjects(folded.later, category),
            category=category,
        )
    again = {
        test.requested.setting_id
        for test_id in _subjects(folded.later, TEST_CATEGORY)
        if (test := folded.tests[test_id]).requested and test.requested.setting_id
    }
    refold = _by_newest_test(store)
    yield Plan(live=last_tests, version="position", refold=refold, again=again)


def _subjects(streams_: Iterable[str], category: str) -> set[str]:
    prefix = stream_name(category, "")
    return {one.removeprefix(prefix) for one in streams_ if one.startswith(prefix)}


def _by_own_stream(store: EventStore, live: Table, category: str) -> Refold:
    def refold(key: str, old: Row | None, _new: Row | None) -> Row | None:
        folded = fold_all(store.read_stream(stream_name(category, key)))
        if folded.later:
            return old
        return next(folded.rows(live), None)

    return refold


def _by_newest_test(store: EventStore) -> Refold:
    def refold(key: str, old: Row | None, new: Row | None) -> Row | None:
        """Take the live row's test if its own stream says that it is the newer one."""
        if old is None:
            return new
        folded = fold_all(store.read_stream(stream_name(TEST_CATEGORY, old["test_id"])))
        if folded.later:
            return old
        told = [row for row in folded.rows(last_tests) if row["setting_id"] == key]
        both = [row for row in (*told, new) if row is not None]
        return max(both, key=lambda row: int(row["position"]), default=None)

    return refold


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

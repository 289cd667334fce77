"""Refusals in the log, few enough that nobody can flood it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, delete, select

from events.access import DENIAL_CATEGORY, AccessDenied
from events.catalogue import encode
from events.envelope import new_id, stream_name
from events.store.port import AddRow, EventStore, Expected, RowExists, StreamAppend, Wakeup
from events.store.sql.failures import translated
from services.config_api.application.context import Context
from services.config_api.read_model.operational_tables import denials

_TOLD_FOR = timedelta(minutes=1)
_TOLD = (
    select(denials.c.actor)
    .where(denials.c.actor == bindparam("of_actor"))
    .where(denials.c.route == bindparam("of_route"))
    .where(denials.c.minute == bindparam("of_minute"))
)
_OLD = delete(denials).where(denials.c.minute < bindparam("since"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Denials:
    """Records at most one refusal a principal, route and minute, across all processes.

    It counts routes, such as `/v1/tokens/<token_id>`, and not paths: a caller makes those up.
    """

    store: EventStore
    wakeup: Wakeup
    engine: Engine
    read_engine: Engine

    def record(self, fact: AccessDenied, route: str, ctx: Context) -> None:
        """Record a refusal unless one like it is there; raises StoreUnavailable."""
        key = {
            "actor": ctx.cause.actor,
            "route": route,
            "minute": ctx.at.replace(second=0, microsecond=0),
        }
        if self._is_told(key):
            return
        append = StreamAppend(
            stream=stream_name(DENIAL_CATEGORY, new_id()),
            expected=Expected.NO_STREAM,
            events=[encode(fact, tenant=None)],
            rows=[AddRow(table=denials, values=key)],
        )
        try:
            self.store.append([append], cause=ctx.cause, at=ctx.at)
        except RowExists:
            return  # another request was refused at the same moment
        self.wakeup.signal()

    def forget_old(self, at: datetime) -> None:
        """Delete the rows of minutes that are over."""
        with translated(), self.engine.begin() as connection:
            connection.execute(_OLD, {"since": at - _TOLD_FOR})

    def _is_told(self, key: dict[str, object]) -> bool:
        wanted = {f"of_{name}": value for name, value in key.items()}
        with translated(), self.read_engine.connect() as connection:
            return connection.execute(_TOLD, wanted).first() is not None

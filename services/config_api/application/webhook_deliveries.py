"""Which message goes to which webhook: what is due, what came of it, what is asked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import Engine, Row, and_, delete, func, or_, select, update

from events.store.port import DropRow, PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.application.webhook_messages import WebhookMessage, message_id
from services.config_api.domain.webhook_errors import DeliveryNotFound
from services.config_api.read_model.documents import instant
from services.config_api.read_model.webhook_tables import webhook_deliveries as table

State = Literal["pending", "delivered", "parked"]
STATES: Final = get_args(State)
#: How long a delivery that ended is kept for whoever looks.
KEPT: Final = {"delivered": timedelta(days=30), "parked": timedelta(days=90)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One message for one webhook, as `read_model.webhook_tables` explains its columns."""

    id: str
    webhook_id: str
    message_id: str
    type: str
    position: int | None
    at: datetime
    state: State
    attempts: int
    next_at: datetime | None
    attempted_at: datetime | None = None
    status: int | None = None
    reason: str | None = None
    detail: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as lists show it."""
        shown = asdict(self)
        del shown["webhook_id"]
        for name in ("at", "next_at", "attempted_at"):
            shown[name] = instant(shown[name])
        return shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempted:
    """How an attempt ended; `next_at` is when the next one is due, None where none follows."""

    state: State
    at: datetime
    next_at: datetime | None = None
    status: int | None = None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryPlace:
    """A place in a list of deliveries, newest first."""

    at: datetime
    id: str


def delivery_for(webhook_id: str, message: WebhookMessage, due_at: datetime) -> Delivery:
    """Return the delivery of a message to a webhook: the same one however often it is made."""
    return Delivery(
        id=message_id(webhook_id, message.id),
        webhook_id=webhook_id,
        message_id=message.id,
        type=message.type,
        position=message.position,
        at=message.at,
        state="pending",
        attempts=0,
        next_at=due_at,
    )


def delivery_row(delivery: Delivery) -> RowWrite:
    """Return the row of a new delivery; one that is there already stays as it is."""
    return PutRow(table=table, values=asdict(delivery), newer_by="id")


def forgotten(webhook_id: str) -> RowWrite:
    """Return the deletion of all deliveries of a webhook."""
    return DropRow(table=table, key={"webhook_id": webhook_id})


@dataclass(frozen=True, kw_only=True, slots=True)
class Deliveries:
    """Reads and writes these rows; raises StoreUnavailable."""

    engine: Engine
    read_engine: Engine

    def find(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Return a delivery of a webhook; raises DeliveryNotFound."""
        wanted = select(table).where(table.c.id == delivery_id, table.c.webhook_id == webhook_id)
        with translated(), self.read_engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise DeliveryNotFound(delivery_id)
        return _delivery(row)

    def page(
        self, webhook_id: str, state: str | None, before: DeliveryPlace | None, limit: int
    ) -> list[Delivery]:
        """Return up to `limit` deliveries behind a place, newest first."""
        wanted = select(table).where(table.c.webhook_id == webhook_id)
        if state is not None:
            wanted = wanted.where(table.c.state == state)
        if before is not None:
            same = and_(table.c.at == before.at, table.c.id < before.id)
            wanted = wanted.where(or_(table.c.at < before.at, same))
        ordered = wanted.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        return self._all(ordered)

    def waiting(self, at: datetime) -> list[str]:
        """Return the ids of webhooks that have something due."""
        due = select(table.c.webhook_id).where(table.c.state == "pending", table.c.next_at <= at)
        with translated(), self.read_engine.connect() as connection:
            return list(connection.execute(due.distinct()).scalars())

    def due(self, webhook_id: str, at: datetime, limit: int) -> list[Delivery]:
        """Return up to `limit` deliveries of a webhook that are due, the oldest messages first."""
        due = select(table).where(
            table.c.state == "pending", table.c.webhook_id == webhook_id, table.c.next_at <= at
        )
        return self._all(due.order_by(table.c.at, table.c.id).limit(limit))

    def attempted(self, before: Delivery, ended: Attempted) -> bool:
        """Note how an attempt ended; False where the delivery was changed meanwhile."""
        return (
            self._write(
                update(table)
                .where(
                    table.c.id == before.id,
                    table.c.state == "pending",
                    table.c.attempts == before.attempts,
                )
                .values(
                    state=ended.state,
                    attempts=before.attempts + 1,
                    attempted_at=ended.at,
                    next_at=ended.next_at,
                    status=ended.status,
                    reason=ended.reason,
                    detail=ended.detail,
                )
            )
            > 0
        )

    def park_pending(self, webhook_id: str, reason: str) -> int:
        """Park what still waits for a webhook, and return how many that were."""
        return self._write(
            update(table)
            .where(table.c.webhook_id == webhook_id, table.c.state == "pending")
            .values(state="parked", next_at=None, reason=reason)
        )

    def replay(self, webhook_id: str, delivery_id: str, at: datetime) -> Delivery:
        """Let a delivery begin anew, however it ended; raises DeliveryNotFound."""
        self.find(webhook_id, delivery_id)
        self._write(_renewed(at).where(table.c.id == delivery_id))
        return self.find(webhook_id, delivery_id)

    def replay_parked(self, webhook_id: str, at: datetime) -> int:
        """Let every parked delivery of a webhook begin anew, and return how many these are."""
        return self._write(
            _renewed(at).where(table.c.webhook_id == webhook_id, table.c.state == "parked")
        )

    def counts(self, webhook_id: str | None = None) -> Mapping[str, int]:
        """Return how many deliveries are in each state, of one webhook or of all."""
        counted = select(table.c.state, func.count().label("number")).group_by(table.c.state)
        if webhook_id is not None:
            counted = counted.where(table.c.webhook_id == webhook_id)
        with translated(), self.read_engine.connect() as connection:
            found = {row.state: row.number for row in connection.execute(counted)}
        return dict.fromkeys(STATES, 0) | found

    def forget_old(self, at: datetime) -> None:
        """Delete deliveries that ended long ago."""
        for state, kept in KEPT.items():
            self._write(delete(table).where(table.c.state == state, table.c.at < at - kept))

    def _all(self, statement: Any) -> list[Delivery]:  # noqa: ANN401 -- any select of the table
        with translated(), self.read_engine.connect() as connection:
            return [_delivery(row) for row in connection.execute(statement)]

    def _write(self, statement: Any) -> int:  # noqa: ANN401 -- any DML
        with translated(), self.engine.begin() as connection:
            written: int = connection.execute(statement).rowcount
            return written


def _renewed(at: datetime) -> Any:  # noqa: ANN401 -- an UPDATE of the table
    return update(table).values(state="pending", attempts=0, next_at=at)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**row._asdict())

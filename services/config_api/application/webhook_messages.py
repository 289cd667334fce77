"""What webhooks are told: messages that mirror an event, alerts, and tests of a webhook."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine, delete, select

from events.codec import json_text
from events.envelope import RecordedEvent
from events.store.port import EventStore, PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.read_model.documents import instant
from services.config_api.read_model.webhook_tables import webhook_messages

#: Longer than a certificate holds, which is told of once.
_KEPT: Final = timedelta(days=400)
PING: Final = "webhook.ping"
_OURS: Final = uuid5(NAMESPACE_URL, "urn:relaybook:message")


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookMessage:
    """A message; `position` is that of the event that it mirrors, None for one of its own."""

    id: str
    type: str
    tenant: str | None
    at: datetime
    data: Mapping[str, Any]
    position: int | None = None

    def payload(self) -> bytes:
        """Return the body that is sent and signed (Standard Webhooks, "Payload structure")."""
        told = {"type": self.type, "timestamp": instant(self.at), "data": self.data}
        return json_text(told).encode()

    def row(self) -> RowWrite:
        """Return the row of a message of its own; one that is there already stays."""
        values = {
            "id": self.id,
            "type": self.type,
            "tenant": self.tenant,
            "at": self.at,
            "data": json_text(dict(self.data)),
        }
        return PutRow(table=webhook_messages, values=values, newer_by="id")


def message_id(*parts: str) -> str:
    """Return the same id for the same parts: what is made twice is one message."""
    return str(uuid5(_OURS, "\n".join(parts)))


def mirrored(event: RecordedEvent) -> WebhookMessage:
    """Return the message that an event is."""
    return WebhookMessage(
        id=event.id,
        type=event.type,
        tenant=event.tenant,
        at=event.recorded_at,
        data=json.loads(event.data),
        position=event.position,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookMessages:
    """Finds messages again; raises StoreUnavailable."""

    store: EventStore
    engine: Engine
    read_engine: Engine

    def find(self, message_id: str, position: int | None) -> WebhookMessage | None:
        """Return a message; None where it is one of its own that was forgotten."""
        if position is not None:
            page = self.store.read_all(after=position - 1, limit=1)
            return next((mirrored(one) for one in page.events if one.id == message_id), None)
        wanted = select(webhook_messages).where(webhook_messages.c.id == message_id)
        with translated(), self.read_engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return WebhookMessage(
            id=row.id, type=row.type, tenant=row.tenant, at=row.at, data=json.loads(row.data)
        )

    def known(self, ids: Iterable[str]) -> Collection[str]:
        """Return those of up to a thousand ids whose messages are there."""
        wanted = select(webhook_messages.c.id).where(webhook_messages.c.id.in_(list(ids)))
        with translated(), self.read_engine.connect() as connection:
            return set(connection.execute(wanted).scalars())

    def forget_old(self, at: datetime) -> None:
        """Delete messages of their own that are old, so that what they told may be told again."""
        old = webhook_messages.c.at < at - _KEPT
        with translated(), self.engine.begin() as connection:
            connection.execute(delete(webhook_messages).where(old))

"""Webhooks as they are listed, and as the relay finds those to tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, select

from events.store.sql.failures import translated
from services.config_api.domain.webhook_types import wants
from services.config_api.read_model.tables import webhooks

_ALL = select(webhooks).order_by(webhooks.c.id)
_ONE = select(webhooks).where(webhooks.c.id == bindparam("wanted"))


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWebhook:
    """A webhook's finished JSON document and its version."""

    id: str
    version: int
    document: str

    def read(self) -> dict[str, Any]:
        """Return the document as plain JSON types."""
        found: dict[str, Any] = json.loads(self.document)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWebhooks:
    """Reads webhooks; raises StoreUnavailable where the database is away."""

    engine: Engine

    def by_id(self, webhook_id: str) -> StoredWebhook | None:
        """Return one webhook."""
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_ONE, {"wanted": webhook_id}).one_or_none()
        return None if row is None else StoredWebhook(**row._asdict())

    def all(self) -> list[StoredWebhook]:
        """Return all webhooks, by id."""
        with translated(), self.engine.connect() as connection:
            return [StoredWebhook(**row._asdict()) for row in connection.execute(_ALL)]


def asks_for(webhook: Mapping[str, Any], type_: str, tenant: str | None, at: datetime) -> bool:
    """Tell whether a webhook's document asks for a message of a type about a tenant (None: all).

    What happened before it was made is none of its messages.
    """
    tenants = webhook["tenants"]
    return (
        webhook["active"]
        and (tenants is None or tenant in tenants)
        and at >= datetime.fromisoformat(webhook["created_at"])
        and wants(webhook["types"], type_)
    )

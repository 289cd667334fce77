"""From a webhook's state to its row: the same for every command and every rebuild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events.codec import json_text
from events.store.port import DropRow, PutRow, RowWrite
from services.config_api.domain.webhook import WebhookState
from services.config_api.read_model.documents import instant
from services.config_api.read_model.tables import webhooks


def webhook_document(state: WebhookState) -> dict[str, Any]:
    """Return a webhook that exists as the API answers it; no secret is in it.

    Raises ValueError where there is no webhook.
    """
    values = state.values
    if values is None:
        raise ValueError(f"{state.webhook_id} has no values")
    return {
        "id": state.webhook_id,
        "name": values.name,
        "url": values.url,
        "types": list(values.types),
        "tenants": None if values.tenants is None else list(values.tenants),
        "active": values.active,
        "disabled": values.disabled,
        "previous_until": values.previous_until,
        "version": state.version,
        "created_at": instant(state.created_at),
        "updated_at": instant(state.updated_at),
        "updated_by": state.updated_by,
    }


def webhook_row(state: WebhookState) -> Mapping[str, Any] | None:
    """Return the row of a webhook, None where there is none."""
    if state.values is None:
        return None
    return {
        "id": state.webhook_id,
        "version": state.version,
        "document": json_text(webhook_document(state)),
    }


def rows_for_webhook(state: WebhookState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a webhook."""
    row = webhook_row(state)
    if row is None:
        return (DropRow(table=webhooks, key={"id": state.webhook_id}),)
    return (PutRow(table=webhooks, values=row, newer_by="version"),)

"""From an OAuth provider's state to its row: the same for every command and every rebuild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events.codec import json_text
from events.store.port import DropRow, PutRow, RowWrite
from services.config_api.domain.oauth_provider import ProviderState
from services.config_api.domain.provider_fields import SECRETS
from services.config_api.read_model.documents import instant
from services.config_api.read_model.tables import oauth_providers

_ANSWERED = (
    "name",
    "preset",
    "grant",
    "token_url",
    "authorize_url",
    "client_id",
    "key_id",
    "subject",
    "audience",
)


def provider_document(state: ProviderState) -> dict[str, Any]:
    """Return a provider that exists as the API answers it; of its secrets only whether they are.

    Raises ValueError where there is no provider.
    """
    values = state.values
    if values is None:
        raise ValueError(f"{state.provider_id} has no values")
    return {
        "id": state.provider_id,
        **{name: getattr(values, name) for name in _ANSWERED},
        "scopes": list(values.scopes),
        "mail_hosts": list(values.mail_hosts),
        "extra": dict(sorted(values.extra.items())),
        "secrets": {name: "stored" if name in values.secrets else "none" for name in SECRETS},
        "version": state.version,
        "granted_at": instant(state.granted_at),
        "granted_by": state.granted_by,
        "created_at": instant(state.created_at),
        "updated_at": instant(state.updated_at),
        "updated_by": state.updated_by,
    }


def provider_row(state: ProviderState) -> Mapping[str, Any] | None:
    """Return the row of a provider, None where there is none."""
    if state.values is None:
        return None
    return {
        "id": state.provider_id,
        "version": state.version,
        "document": json_text(provider_document(state)),
    }


def rows_for_provider(state: ProviderState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a provider."""
    row = provider_row(state)
    if row is None:
        return (DropRow(table=oauth_providers, key={"id": state.provider_id}),)
    return (PutRow(table=oauth_providers, values=row, newer_by="version"),)

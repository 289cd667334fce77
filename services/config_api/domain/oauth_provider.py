"""What an OAuth provider's stream says: its state, and how each fact changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from events.oauth_provider import (
    REFRESH_TOKEN,
    OAuthProviderDeleted,
    OAuthProviderGranted,
    OAuthProviderRegistered,
    OAuthProviderUpdated,
    ProviderValues,
)
from events.smtp_setting import SecretRef
from services.config_api.domain.setting import Recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderState:
    """A provider at one version of its stream; version 0 is a stream without events.

    `values` is None where it was never there or is deleted. `granted_at` and `granted_by` tell of
    the consent whose refresh token it still holds. `secret_versions` as in a setting's state.
    """

    provider_id: str
    version: int = 0
    values: ProviderValues | None = None
    granted_at: datetime | None = None
    granted_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None
    secret_versions: Mapping[str, int] = field(default_factory=dict)


def secret_ref(provider_id: str, secret: str, version: int) -> SecretRef:
    """Return the reference of a provider's secret; no setting's ID begins so."""
    return SecretRef(id=f"~oauth/{provider_id}/{secret}", version=version)


def next_ref(state: ProviderState, secret: str) -> SecretRef:
    """Return the reference of a new value of a secret; no version is used twice."""
    return secret_ref(state.provider_id, secret, state.secret_versions.get(secret, 0) + 1)


def evolve(state: ProviderState, recorded: Recorded, fact: object) -> ProviderState:
    """Return the state after one more fact; an unknown fact only counts as a version."""
    match fact:
        case OAuthProviderRegistered(values=values) | OAuthProviderUpdated(values=values):
            return _with_values(state, recorded, values)
        case OAuthProviderGranted(secret=secret) if state.values is not None:
            secrets = {**state.values.secrets, REFRESH_TOKEN: secret}
            granted = _with_values(state, recorded, replace(state.values, secrets=secrets))
            return replace(granted, granted_at=recorded.recorded_at, granted_by=recorded.actor)
        case OAuthProviderDeleted():
            return ProviderState(
                provider_id=state.provider_id,
                version=recorded.version,
                updated_at=recorded.recorded_at,
                updated_by=recorded.actor,
                secret_versions=state.secret_versions,
            )
        case _:
            return replace(state, version=recorded.version)


def fold(provider_id: str, events: Iterable[tuple[Recorded, object]]) -> ProviderState:
    """Return a provider's state from its whole stream, decoded, in version order."""
    state = ProviderState(provider_id=provider_id)
    for recorded, fact in events:
        state = evolve(state, recorded, fact)
    return state


def _with_values(state: ProviderState, recorded: Recorded, values: ProviderValues) -> ProviderState:
    highest = state.secret_versions
    used = {name: max(ref.version, highest.get(name, 0)) for name, ref in values.secrets.items()}
    before = state.values.secrets if state.values else {}
    consent = REFRESH_TOKEN in before and before.get(REFRESH_TOKEN) == values.secrets.get(
        REFRESH_TOKEN
    )
    return ProviderState(
        provider_id=state.provider_id,
        version=recorded.version,
        values=values,
        granted_at=state.granted_at if consent else None,
        granted_by=state.granted_by if consent else None,
        created_at=state.created_at or recorded.recorded_at,
        updated_at=recorded.recorded_at,
        updated_by=recorded.actor,
        secret_versions={**highest, **used},
    )

"""What a webhook's stream says: its state, and how each fact changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from events.smtp_setting import SecretRef
from events.webhook import WebhookDeleted, WebhookRegistered, WebhookUpdated, WebhookValues
from services.config_api.domain.setting import Recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookState:
    """A webhook at one version of its stream; version 0 is a stream without events.

    `values` is None where it was never there or is deleted. `last_secret` is the highest version
    that one of its secrets ever had, so that none is used twice.
    """

    webhook_id: str
    version: int = 0
    values: WebhookValues | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None
    last_secret: int = 0

    @property
    def secrets(self) -> Mapping[str, SecretRef]:
        """The references of its secrets by field, none where there is no webhook."""
        return self.values.secrets if self.values else {}

    def next_secret(self) -> SecretRef:
        """Return the reference of a new secret; no setting's ID begins so."""
        return SecretRef(id=f"~webhook/{self.webhook_id}/signing", version=self.last_secret + 1)


def evolve(state: WebhookState, recorded: Recorded, fact: object) -> WebhookState:
    """Return the state after one more fact; an unknown fact only counts as a version."""
    match fact:
        case WebhookRegistered(values=values) | WebhookUpdated(values=values):
            used = [ref.version for ref in values.secrets.values()]
            return WebhookState(
                webhook_id=state.webhook_id,
                version=recorded.version,
                values=values,
                created_at=state.created_at or recorded.recorded_at,
                updated_at=recorded.recorded_at,
                updated_by=recorded.actor,
                last_secret=max(state.last_secret, *used, 0),
            )
        case WebhookDeleted():
            return WebhookState(
                webhook_id=state.webhook_id,
                version=recorded.version,
                updated_at=recorded.recorded_at,
                updated_by=recorded.actor,
                last_secret=state.last_secret,
            )
        case _:
            return replace(state, version=recorded.version)


def fold(webhook_id: str, events: Iterable[tuple[Recorded, object]]) -> WebhookState:
    """Return a webhook's state from its whole stream, decoded, in version order."""
    state = WebhookState(webhook_id=webhook_id)
    for recorded, fact in events:
        state = evolve(state, recorded, fact)
    return state

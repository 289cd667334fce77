"""Which facts a command on a webhook leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from events.smtp_setting import SecretRef
from events.webhook import (
    PREVIOUS,
    SIGNING,
    WebhookDeleted,
    WebhookEvent,
    WebhookRegistered,
    WebhookUpdated,
    WebhookValues,
)
from services.config_api.domain.errors import Denied, StaleVersion
from services.config_api.domain.setting_commands import AnyVersion
from services.config_api.domain.webhook import WebhookState
from services.config_api.domain.webhook_errors import WebhookExists, WebhookNotFound
from services.config_api.domain.webhook_types import reach_audited

#: How long the secret before a new one signs beside it.
OVERLAP: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterWebhook:
    """Register a webhook; `as_auditor` may ask for what only auditors read."""

    values: WebhookValues
    as_auditor: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaceWebhook:
    """Replace a webhook; `renews` tells that a new secret takes the place of the stored one."""

    values: WebhookValues
    as_auditor: bool
    expected: int | AnyVersion
    renews: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteWebhook:
    """Delete a webhook."""

    expected: int | AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class DisableWebhook:
    """Make a webhook inactive as it was at `url`, whose endpoint says that it is gone."""

    url: str


WebhookCommand = RegisterWebhook | ReplaceWebhook | DeleteWebhook | DisableWebhook


def decide(command: WebhookCommand, state: WebhookState, *, at: datetime) -> list[WebhookEvent]:
    """Return the facts, none where nothing changes.

    Raises WebhookNotFound, WebhookExists, StaleVersion, Denied.
    """
    match command:
        case RegisterWebhook():
            return _register(command, state)
        case ReplaceWebhook():
            return _replace(command, state, at)
        case DeleteWebhook():
            require_webhook(state, command.expected)
            return [WebhookDeleted(webhook_id=state.webhook_id)]
        case DisableWebhook():
            return _disable(command, state)
        case _:
            assert_never(command)


def require_webhook(state: WebhookState, expected: int | AnyVersion) -> WebhookValues:
    """Return the values of a webhook that is there; raises WebhookNotFound, StaleVersion."""
    if state.values is None:
        raise WebhookNotFound(state.webhook_id)
    if isinstance(expected, int) and expected != state.version:
        raise StaleVersion(state.webhook_id, expected, state.version)
    return state.values


def _register(command: RegisterWebhook, state: WebhookState) -> list[WebhookEvent]:
    if state.values is not None:
        raise WebhookExists(state.webhook_id)
    _require_auditor(command.values, as_auditor=command.as_auditor)
    values = replace(command.values, secrets={SIGNING: state.next_secret()})
    return [WebhookRegistered(webhook_id=state.webhook_id, values=values)]


def _replace(command: ReplaceWebhook, state: WebhookState, at: datetime) -> list[WebhookEvent]:
    before = require_webhook(state, command.expected)
    _require_auditor(command.values, as_auditor=command.as_auditor)
    secrets: dict[str, SecretRef] = before.secrets
    until = before.previous_until
    if command.renews:
        secrets = {SIGNING: state.next_secret(), PREVIOUS: before.secrets[SIGNING]}
        until = (at + OVERLAP).isoformat().replace("+00:00", "Z")
    disabled = None if command.values.active else before.disabled
    after = replace(command.values, secrets=secrets, previous_until=until, disabled=disabled)
    if after == before:
        return []
    return [WebhookUpdated(webhook_id=state.webhook_id, values=after)]


def _disable(command: DisableWebhook, state: WebhookState) -> list[WebhookEvent]:
    before = state.values
    if before is None or not before.active or before.url != command.url:
        return []  # somebody was faster
    values = replace(before, active=False, disabled="gone")
    return [WebhookUpdated(webhook_id=state.webhook_id, values=values)]


def _require_auditor(values: WebhookValues, *, as_auditor: bool) -> None:
    """Raise Denied where somebody would be told by a webhook what they may not read."""
    if reach_audited(values.types) and not as_auditor:
        raise Denied("webhook_types_auditor")

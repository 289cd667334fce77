"""Commands on webhooks: register, replace, delete, make inactive."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from events.catalogue import decode
from events.envelope import stream_name
from events.store.port import EventStore, RowWrite, Wakeup
from events.webhook import CATEGORY, SIGNING
from services.config_api.application.changing import Change, carry_out
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.loading import after
from services.config_api.application.sealing import Secrets
from services.config_api.application.webhook_deliveries import forgotten
from services.config_api.domain.decide_webhook import (
    DeleteWebhook,
    DisableWebhook,
    RegisterWebhook,
    ReplaceWebhook,
    WebhookCommand,
    decide,
    require_webhook,
)
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import version_or_any
from services.config_api.domain.webhook import WebhookState, evolve, fold
from services.config_api.domain.webhook_fields import WebhookDraft
from services.config_api.domain.webhook_signing import USUAL_BYTES, secret_of
from services.config_api.read_model.webhook_rows import rows_for_webhook, webhook_document


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhooks:
    """Changes webhooks; every method is one transaction.

    The answer shows a secret that is new, as `secret`, this once.
    """

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    write_rows: WriteRows

    def load(self, webhook_id: str) -> WebhookState:
        """Return a webhook as its stream tells it."""
        events = self.store.read_stream(stream_name(CATEGORY, webhook_id))
        return fold(webhook_id, ((event, decode(event)) for event in events))

    def require_version(self, webhook_id: str, expected: int | None) -> None:
        """Check what a change would check first; raises WebhookNotFound, StaleVersion."""
        require_webhook(self.load(webhook_id), version_or_any(expected))

    @as_command("webhooks.register")
    def register(
        self, webhook_id: str, draft: WebhookDraft, ctx: Context, *, as_auditor: bool
    ) -> Answer:
        """Register a webhook, with a secret of its own; raises WebhookExists, Denied."""
        command = RegisterWebhook(values=draft.values, as_auditor=as_auditor)
        return self._carry_out(webhook_id, lambda _: command, draft.secret or _new_secret(), ctx)

    @as_command("webhooks.replace")
    def replace(
        self,
        webhook_id: str,
        draft: WebhookDraft,
        expected: int | None,
        ctx: Context,
        *,
        as_auditor: bool,
    ) -> Answer:
        """Replace a webhook; `expected` None is any version.

        A secret that is new signs beside the one before for a day. Raises WebhookNotFound,
        StaleVersion, Denied.
        """
        secret = _new_secret() if draft.renews else draft.secret

        def decided(state: WebhookState) -> WebhookCommand:
            return ReplaceWebhook(
                values=draft.values,
                as_auditor=as_auditor,
                expected=version_or_any(expected),
                renews=secret is not None and not self._holds(state, secret),
            )

        return self._carry_out(webhook_id, decided, secret, ctx)

    @as_command("webhooks.delete")
    def delete(self, webhook_id: str, expected: int | None, ctx: Context) -> Answer:
        """Delete a webhook and its deliveries; raises WebhookNotFound, StaleVersion."""
        command = DeleteWebhook(expected=version_or_any(expected))
        return self._carry_out(webhook_id, lambda _: command, None, ctx)

    @as_command("webhooks.disable")
    def disable(self, webhook_id: str, url: str, ctx: Context) -> None:
        """Make a webhook inactive whose endpoint at `url` says that it is gone."""
        command = DisableWebhook(url=url)
        self._carry_out(webhook_id, lambda _: command, None, ctx)

    def _holds(self, state: WebhookState, secret: Secret) -> bool:
        stored = state.secrets.get(SIGNING)
        return stored is not None and self.secrets.holds(None, stored, secret)

    def _carry_out(
        self,
        webhook_id: str,
        decided: Callable[[WebhookState], WebhookCommand],
        secret: Secret | None,
        ctx: Context,
    ) -> Answer:
        def change() -> Change:
            before = self.load(webhook_id)
            facts = decide(decided(before), before, at=ctx.at)
            state = after(before, facts, evolve, ctx)
            return Change(
                before=before.version,
                answer=_answer(before, state, secret),
                facts=facts,
                rows=[*rows_for_webhook(state), *self._sealed(before, state, secret)],
            )

        return carry_out(self, stream_name(CATEGORY, webhook_id), change, ctx)

    def _sealed(
        self, before: WebhookState, now: WebhookState, secret: Secret | None
    ) -> Sequence[RowWrite]:
        """Return the row of a new secret; those that nothing names any more go."""
        rows: list[RowWrite] = []
        if _is_renewed(before, now) and secret is not None:
            rows.extend(self.secrets.seal(None, now.secrets[SIGNING], secret))
        held = now.secrets.values()
        rows.extend(self.secrets.drop(ref) for ref in before.secrets.values() if ref not in held)
        if now.values is None:
            rows.append(forgotten(now.webhook_id))
        return rows


def _new_secret() -> Secret:
    return secret_of(randomness.token_bytes(USUAL_BYTES))


def _is_renewed(before: WebhookState, now: WebhookState) -> bool:
    return SIGNING in now.secrets and now.secrets[SIGNING] != before.secrets.get(SIGNING)


def _answer(before: WebhookState, now: WebhookState, secret: Secret | None) -> Answer:
    if now.values is None:
        return Answer(document=None, version=now.version)
    document = webhook_document(now)
    if _is_renewed(before, now) and secret is not None:
        document["secret"] = secret.reveal()
    return Answer(document=document, version=now.version)

"""Each event of a webhook, from the command to what readers and receivers see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from events.smtp_setting import SecretRef
from events.webhook import WebhookDeleted, WebhookRegistered, WebhookUpdated
from services.config_api.domain.webhook_fields import make_webhook

if TYPE_CHECKING:
    from tests.acceptance.journey import Scene

FIELDS = {"url": "https://hooks.example/in", "types": ["smtp_setting.*", "alert.#"]}


def test_a_webhook_from_its_registration_to_its_end(scene: Scene) -> None:
    webhooks = scene.house.relaybook.webhooks
    vault = scene.house.relaybook.vault
    draft = make_webhook("hook", FIELDS)
    answer = webhooks.commands.register("hook", draft, scene.house.ctx(), as_auditor=False)
    registered = scene.followed("webhook.registered")
    assert isinstance(registered, WebhookRegistered)
    first = SecretRef(id="~webhook/hook/signing", version=1)
    assert registered.values.secrets == {"signing": first}
    document = answer.document or {}
    assert vault.open(None, first).reveal() == document.pop("secret")
    stored = webhooks.stored.by_id("hook")
    assert stored is not None
    assert json.loads(stored.document) == document

    renewing = make_webhook("hook", FIELDS | {"secret": None})
    webhooks.commands.replace("hook", renewing, 1, scene.house.ctx(), as_auditor=False)
    updated = scene.followed("webhook.updated")
    assert isinstance(updated, WebhookUpdated)
    second = SecretRef(id="~webhook/hook/signing", version=2)
    assert updated.values.secrets == {"signing": second, "previous": first}
    assert vault.open(None, first) != vault.open(None, second)

    webhooks.commands.delete("hook", 2, scene.house.ctx())
    assert scene.followed("webhook.deleted") == WebhookDeleted(webhook_id="hook")
    assert webhooks.stored.by_id("hook") is None
    assert not vault.held(None, first)
    assert not vault.held(None, second)

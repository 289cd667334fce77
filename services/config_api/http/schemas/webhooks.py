"""Webhooks and their deliveries as they are answered."""

from __future__ import annotations

from typing import get_args

from services.config_api.application.webhook_deliveries import STATES
from services.config_api.application.webhook_sending import Reason
from services.config_api.domain.setting_id import PATTERN
from services.config_api.http.schemas.shapes import (
    COUNT,
    FLAG,
    INSTANT,
    TEXT,
    VERSION,
    Schema,
    array,
    closed,
    nullable,
    one_of,
    page,
    ref,
)

_SECRET: Schema = TEXT | {
    "description": "A secret that is new, shown this once: `whsec_` and base64."
}

WEBHOOKS: dict[str, Schema] = {
    "Webhook": closed(
        {
            "id": {"type": "string", "pattern": f"^{PATTERN}$"},
            "name": TEXT,
            "url": TEXT,
            "types": array(TEXT)
            | {"description": "Patterns: `*` is one word of a type, `#` any number."},
            "tenants": nullable(array(TEXT))
            | {"description": "Only messages about these; null: everything."},
            "active": FLAG,
            "disabled": nullable(one_of("gone"))
            | {"description": "Why the service made it inactive: the endpoint answered 410."},
            "previous_until": nullable(INSTANT)
            | {"description": "Until when the secret before the newest one signs beside it."},
            "version": VERSION,
            "created_at": INSTANT,
            "updated_at": INSTANT,
            "updated_by": TEXT,
            "secret": _SECRET,
            "deliveries": closed(dict.fromkeys(STATES, COUNT)),
        },
        optional=("secret", "deliveries"),
    ),
    "WebhookList": page(ref("Webhook")),
    "WebhookDelivery": closed(
        {
            "id": TEXT,
            "message_id": TEXT | {"description": "What is sent as `webhook-id`."},
            "type": TEXT,
            "position": nullable(COUNT)
            | {"description": "The event that the message mirrors; null for an alert or a test."},
            "at": INSTANT,
            "state": one_of(*STATES),
            "attempts": COUNT,
            "next_at": nullable(INSTANT),
            "attempted_at": nullable(INSTANT),
            "status": nullable(COUNT) | {"description": "What the endpoint answered last."},
            "reason": nullable(one_of(*get_args(Reason)))
            | {"description": "Why the last attempt came to nothing."},
            "detail": nullable(TEXT),
        }
    ),
    "WebhookDeliveryPage": page(ref("WebhookDelivery")),
    "Replayed": closed({"replayed": COUNT}),
}

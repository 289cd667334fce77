"""Examples of webhooks for the API's description."""

from __future__ import annotations

from typing import Any

_AT = "2026-01-31T12:00:00Z"
_ID = "9d8e2f3a-5b6c-5d7e-8f90-a1b2c3d4e5f6"

NEW_WEBHOOK: dict[str, Any] = {
    "id": "chat",
    "name": "Operations chat",
    "url": "https://hooks.acme.example/relaybook",
    "types": ["smtp_setting.*", "alert.#"],
}
WEBHOOK: dict[str, Any] = NEW_WEBHOOK | {
    "tenants": None,
    "active": True,
    "disabled": None,
    "previous_until": None,
    "version": 1,
    "created_at": _AT,
    "updated_at": _AT,
    "updated_by": "user:alice",
}
MADE_WEBHOOK: dict[str, Any] = WEBHOOK | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
LISTED_WEBHOOK: dict[str, Any] = WEBHOOK | {
    "deliveries": {"pending": 0, "delivered": 41, "parked": 1}
}
WEBHOOK_LIST: dict[str, Any] = {"items": [LISTED_WEBHOOK], "next": None}
DELIVERY: dict[str, Any] = {
    "id": _ID,
    "message_id": "8a7b5c9e-1d2e-4f30-9a4b-5c6d7e8f9a0b",
    "type": "smtp_setting.updated",
    "position": 17,
    "at": _AT,
    "state": "parked",
    "attempts": 10,
    "next_at": None,
    "attempted_at": "2026-02-03T15:37:12Z",
    "status": 500,
    "reason": "status",
    "detail": None,
}
DELIVERY_PAGE: dict[str, Any] = {"items": [DELIVERY], "next": None}
RENEWED: dict[str, Any] = DELIVERY | {"state": "pending", "attempts": 0, "next_at": _AT}
REPLAYED: dict[str, Any] = {"replayed": 1}

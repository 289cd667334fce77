"""Why a command or query on webhooks is refused.

DomainError
├── InvalidFields
│   └── InvalidWebhook
├── WebhookNotFound  WebhookExists
└── DeliveryNotFound
"""

from __future__ import annotations

from services.config_api.domain.errors import DomainError, InvalidFields


class InvalidWebhook(InvalidFields):
    """A webhook breaks the rules of `domain.webhook_fields`."""


class WebhookNotFound(DomainError):
    """No webhook has this id (now)."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"there is no webhook {webhook_id}")
        self.webhook_id = webhook_id


class WebhookExists(DomainError):
    """A webhook with this id is there already."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"the webhook {webhook_id} exists already")
        self.webhook_id = webhook_id


class DeliveryNotFound(DomainError):
    """A webhook has no delivery of this id (any more)."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"there is no delivery {delivery_id}")
        self.delivery_id = delivery_id

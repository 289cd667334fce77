"""Facts about a webhook, which is told of events by HTTP; stream `webhook-<id>`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from events.smtp_setting import SecretRef

CATEGORY: Final = "webhook"
SIGNING: Final = "signing"
PREVIOUS: Final = "previous"


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookValues:
    """The whole content of a webhook at one version, without its secrets.

    `types` are patterns of event types, as bindings have them; `tenants` limits it, None means
    everything. `disabled` says why the service itself made it inactive. `secrets` names the sealed
    values by field: `signing`, and `previous`, which signs beside it until `previous_until`
    (RFC 3339).
    """

    name: str
    url: str
    types: tuple[str, ...]
    tenants: tuple[str, ...] | None = None
    active: bool = True
    disabled: Literal["gone"] | None = None
    secrets: dict[str, SecretRef] = field(default_factory=dict)
    previous_until: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookRegistered:
    """A webhook was registered (also again, after a deletion)."""

    TYPE: ClassVar[str] = "webhook.registered"
    SCHEMA_VERSION: ClassVar[int] = 1

    webhook_id: str
    values: WebhookValues


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookUpdated:
    """A webhook was changed; `values` is the whole webhook after the change."""

    TYPE: ClassVar[str] = "webhook.updated"
    SCHEMA_VERSION: ClassVar[int] = 1

    webhook_id: str
    values: WebhookValues


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookDeleted:
    """A webhook was deleted."""

    TYPE: ClassVar[str] = "webhook.deleted"
    SCHEMA_VERSION: ClassVar[int] = 1

    webhook_id: str


WebhookEvent = WebhookRegistered | WebhookUpdated | WebhookDeleted

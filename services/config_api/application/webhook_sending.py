"""One attempt to bring a message to a webhook: signed, sent to a judged address, its end told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import httpx

from events.smtp_setting import SecretRef
from events.webhook import PREVIOUS, SIGNING, WebhookValues
from services.config_api.application.context import Clock
from services.config_api.application.sealing import Secrets
from services.config_api.application.webhook_deliveries import Attempted, Delivery
from services.config_api.application.webhook_messages import WebhookMessage
from services.config_api.domain.webhook_retries import asked_pause, pause_after
from services.config_api.domain.webhook_signing import signature
from services.config_api.outbound.addresses import NotAllowed
from services.config_api.outbound.transport import Unreachable
from services.config_api.vault.errors import SecretGone

#: The time for one attempt, from the first packet to the last.
LIMIT_S: Final = 15.0
#: The part of the product that sends, as the log calls it.
PART: Final = "webhooks"
_GONE: Final = 410
_ASKS: Final = frozenset({429, 503})
_LONGEST_DETAIL: Final = 200

Reason = Literal[
    "not_allowed", "unreachable", "status", "redirect", "gone", "message_gone", "secret_gone"
]
#: Reasons that no further attempt can change.
FINAL: Final[frozenset[Reason]] = frozenset({"not_allowed", "gone", "message_gone", "secret_gone"})


class NotDelivered(Exception):
    """An attempt came to nothing; `status` and `retry_after` are the endpoint's, if it answered."""

    def __init__(
        self,
        reason: Reason,
        detail: str | None = None,
        *,
        status: int | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason: Final = reason
        self.detail: Final = detail
        self.status: Final = status
        self.retry_after: Final = retry_after


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """Sends messages; `client` is a guarded one, `chance` answers numbers from 0 to 1."""

    secrets: Secrets
    client: httpx.Client
    clock: Clock
    chance: Callable[[], float]

    def attempt(
        self, delivery: Delivery, webhook: WebhookValues, message: WebhookMessage | None
    ) -> Attempted:
        """Try once, and return how that ended; raises StoreUnavailable, VaultError."""
        try:
            status = self._sent(webhook, message)
        except NotDelivered as failed:
            return self._failed(delivery, failed)
        return Attempted(state="delivered", at=self.clock(), status=status)

    def _failed(self, delivery: Delivery, failed: NotDelivered) -> Attempted:
        at = self.clock()
        asked = asked_pause(failed.retry_after, at)
        pause = pause_after(delivery.attempts + 1, chance=self.chance(), asked=asked)
        is_over = pause is None or failed.reason in FINAL
        return Attempted(
            state="parked" if is_over else "pending",
            at=at,
            next_at=None if pause is None or is_over else at + pause,
            status=failed.status,
            reason=failed.reason,
            detail=failed.detail,
        )

    def _sent(self, webhook: WebhookValues, message: WebhookMessage | None) -> int:
        """Return the status of a message that arrived; raises NotDelivered."""
        if message is None:
            raise NotDelivered("message_gone")
        try:
            response = self.client.send(self._signed(webhook, message))
        except SecretGone:
            raise NotDelivered("secret_gone") from None
        except NotAllowed:
            raise NotDelivered("not_allowed") from None
        except Unreachable as error:
            raise NotDelivered("unreachable", error.reason[:_LONGEST_DETAIL]) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered("unreachable", type(error).__name__) from None
        return _judged(response)

    def _signed(self, webhook: WebhookValues, message: WebhookMessage) -> httpx.Request:
        at, payload = self.clock(), message.payload()
        timestamp = int(at.timestamp())
        signatures = [
            signature(self.secrets.open(None, ref), message.id, timestamp, payload)
            for ref in signing(webhook, at)
        ]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Relaybook",
            "Webhook-Id": message.id,
            "Webhook-Timestamp": str(timestamp),
            "Webhook-Signature": " ".join(signatures),
        }
        return self.client.build_request("POST", webhook.url, content=payload, headers=headers)


def signing(webhook: WebhookValues, at: datetime) -> list[SecretRef]:
    """Return the references of the secrets that sign at a moment, the newest first."""
    refs = [webhook.secrets[SIGNING]]
    until = webhook.previous_until
    if until is not None and at < datetime.fromisoformat(until):
        refs.append(webhook.secrets[PREVIOUS])
    return refs


def _judged(response: httpx.Response) -> int:
    """Return the status of an answer that takes the message; raises NotDelivered."""
    status = response.status_code
    if response.is_success:
        return status
    if status == _GONE:
        raise NotDelivered("gone", status=status)
    if response.is_redirect:
        raise NotDelivered("redirect", status=status)
    retry_after = response.headers.get("Retry-After") if status in _ASKS else None
    raise NotDelivered("status", status=status, retry_after=retry_after)

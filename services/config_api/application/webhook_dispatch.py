"""Deliveries that are due, sent side by side: an endpoint that hangs holds up itself alone."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Final

import structlog

from events.envelope import Cause
from events.store.port import StoreUnavailable
from events.webhook import WebhookValues
from services.config_api.application.context import Context, WriteRows
from services.config_api.application.relay.tally import DELIVERIES, FAILURES
from services.config_api.application.webhook_deliveries import Deliveries, Delivery, forgotten
from services.config_api.application.webhook_messages import WebhookMessages
from services.config_api.application.webhook_sending import PART, Sending
from services.config_api.application.webhooks import Webhooks

AT_ONCE: Final = 32
#: Of one endpoint: usually, and after a failure until something arrives again.
_OF_ONE: Final = 4
_OF_FAILING: Final = 1
_REST_S: Final = 10.0
_log = structlog.get_logger(__name__)


class Dispatch:
    """Sends what is due; for one thread that calls `round`, while others send."""

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        deliveries: Deliveries,
        messages: WebhookMessages,
        sending: Sending,
        write_rows: WriteRows,
    ) -> None:
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._messages = messages
        self._sending = sending
        self._write_rows = write_rows
        self._lock = Lock()
        self._under_way: dict[str, str] = {}
        self._failing: set[str] = set()
        self._rests_until: dict[str, float] = {}

    def round(self, pool: ThreadPoolExecutor) -> int:
        """Hand over what is due and has a place, and return how much; raises StoreUnavailable."""
        at = self._sending.clock()
        handed = 0
        for webhook_id in self._deliveries.waiting(at):
            with self._lock:
                busy = dict(self._under_way)
            places = min(self._places(webhook_id, busy), AT_ONCE - len(busy))
            if places <= 0 or self._rests_until.get(webhook_id, 0.0) > monotonic():
                continue
            values = self._active(webhook_id)
            if values is None:
                continue
            for delivery in self._deliveries.due(webhook_id, at, len(busy) + places):
                if delivery.id not in busy and places > 0:
                    places -= 1
                    handed += 1
                    self._hand_over(pool, delivery, values)
        return handed

    def _places(self, webhook_id: str, busy: dict[str, str]) -> int:
        most = _OF_FAILING if webhook_id in self._failing else _OF_ONE
        return most - Counter(busy.values())[webhook_id]

    def _active(self, webhook_id: str) -> WebhookValues | None:
        """Return a webhook that may be told; deliveries of one that was deleted meanwhile go."""
        values = self._webhooks.load(webhook_id).values
        if values is None:
            self._write_rows([forgotten(webhook_id)])
        return values if values is not None and values.active else None

    def _hand_over(
        self, pool: ThreadPoolExecutor, delivery: Delivery, values: WebhookValues
    ) -> None:
        with self._lock:
            self._under_way[delivery.id] = delivery.webhook_id
        pool.submit(self._carry_out, delivery, values)

    def _carry_out(self, delivery: Delivery, values: WebhookValues) -> None:
        try:
            self._attempt(delivery, values)
        except StoreUnavailable:
            self._rest(delivery)  # the delivery is still due
        except Exception:  # noqa: BLE001 -- one delivery must not end the others; it is counted
            FAILURES.labels(duty=PART).inc()
            _log.exception("a webhook cannot be told", webhook_id=delivery.webhook_id)
            self._rest(delivery)
        finally:
            with self._lock:
                self._under_way.pop(delivery.id, None)

    def _attempt(self, delivery: Delivery, values: WebhookValues) -> None:
        message = self._messages.find(delivery.message_id, delivery.position)
        ended = self._sending.attempt(delivery, values, message)
        if not self._deliveries.attempted(delivery, ended):
            return  # it was asked for anew, or the webhook is gone
        DELIVERIES.labels(result="failed" if ended.state == "pending" else ended.state).inc()
        if ended.state == "delivered":
            self._failing.discard(delivery.webhook_id)
            return
        self._failing.add(delivery.webhook_id)
        if ended.reason == "gone":
            ctx = Context(cause=Cause.by_system(PART), at=ended.at)
            self._webhooks.disable(delivery.webhook_id, values.url, ctx)
            self._deliveries.park_pending(delivery.webhook_id, "gone")

    def _rest(self, delivery: Delivery) -> None:
        self._rests_until[delivery.webhook_id] = monotonic() + _REST_S

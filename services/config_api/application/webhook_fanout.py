"""From events and alerts to deliveries: each message once for each webhook that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events.envelope import RecordedEvent
from events.store.port import RowWrite
from services.config_api.application.alerts import Alerts
from services.config_api.application.context import Clock, WriteRows
from services.config_api.application.webhook_deliveries import delivery_for, delivery_row
from services.config_api.application.webhook_messages import (
    WebhookMessage,
    WebhookMessages,
    mirrored,
)
from services.config_api.read_model.webhooks import StoredWebhooks, asks_for


@dataclass(frozen=True, kw_only=True, slots=True)
class Fanout:
    """Makes deliveries; what is made again after a crash is the same, so that nothing doubles."""

    stored: StoredWebhooks
    messages: WebhookMessages
    alerts: Alerts
    write_rows: WriteRows
    clock: Clock

    def take(self, events: Sequence[RecordedEvent]) -> None:
        """Make the deliveries of the next events in one transaction; raises StoreUnavailable."""
        told = self.alerts.of_page(events)
        self._tell(map(mirrored, events), told.alerts, told.rows)

    def look_at_ends(self) -> None:
        """Make the deliveries of what is about to end; raises StoreUnavailable."""
        self._tell((), self.alerts.of_ends(self.clock()), ())

    def _tell(
        self,
        events: Iterable[WebhookMessage],
        alerts: Sequence[WebhookMessage],
        rows: Sequence[RowWrite],
    ) -> None:
        written = list(rows)
        webhooks = [one.read() for one in self.stored.all()]
        if webhooks:
            for message in (*events, *self._new(alerts)):
                written.extend(self._deliveries(message, webhooks))
        self.write_rows(written)

    def _new(self, alerts: Sequence[WebhookMessage]) -> list[WebhookMessage]:
        """Return the alerts that nobody was told of, each once."""
        once = {one.id: one for one in alerts}
        known = self.messages.known(once) if once else ()
        return [one for id_, one in once.items() if id_ not in known]

    def _deliveries(
        self, message: WebhookMessage, webhooks: Sequence[Mapping[str, Any]]
    ) -> list[RowWrite]:
        """Return the rows of a message; an alert that nobody asks for comes anew another time."""
        at = self.clock()
        rows = [
            delivery_row(delivery_for(webhook["id"], message, at))
            for webhook in webhooks
            if asks_for(webhook, message.type, message.tenant, message.at)
        ]
        if rows and message.position is None:
            rows.append(message.row())
        return rows

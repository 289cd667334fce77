"""Deliveries on demand: a message again, all that are parked, a test of a webhook."""

from __future__ import annotations

from dataclasses import dataclass

from events.envelope import new_id
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.webhook_deliveries import (
    Deliveries,
    delivery_for,
    delivery_row,
)
from services.config_api.application.webhook_messages import PING, WebhookMessage


@dataclass(frozen=True, kw_only=True, slots=True)
class Redelivery:
    """Asks for deliveries; the relay makes them. Raises StoreUnavailable."""

    deliveries: Deliveries
    write_rows: WriteRows

    def replay(self, webhook_id: str, delivery_id: str, ctx: Context) -> Answer:
        """Let a delivery begin anew, however it ended; raises DeliveryNotFound."""
        renewed = self.deliveries.replay(webhook_id, delivery_id, ctx.at)
        return self._remembered(Answer(document=renewed.document(), version=None), ctx)

    def replay_parked(self, webhook_id: str, ctx: Context) -> Answer:
        """Let all parked deliveries of a webhook begin anew; the answer tells how many."""
        replayed = self.deliveries.replay_parked(webhook_id, ctx.at)
        return self._remembered(Answer(document={"replayed": replayed}, version=None), ctx)

    def ping(self, webhook_id: str, ctx: Context) -> Answer:
        """Let a test message be sent, whatever types the webhook asks for."""
        message = WebhookMessage(
            id=new_id(), type=PING, tenant=None, at=ctx.at, data={"webhook_id": webhook_id}
        )
        delivery = delivery_for(webhook_id, message, ctx.at)
        answer = Answer(document=delivery.document(), version=None)
        self.write_rows([message.row(), delivery_row(delivery), *ctx.remember(answer)])
        return answer

    def _remembered(self, answer: Answer, ctx: Context) -> Answer:
        """Keep an answer for its key; asked again without it, the same would happen anew."""
        self.write_rows(ctx.remember(answer))
        return answer

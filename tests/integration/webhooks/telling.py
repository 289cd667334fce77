"""A house whose webhooks are told, and shorthand for what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from services.config_api.domain.webhook_fields import make_webhook
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from services.config_api.application.webhook_deliveries import Delivery
    from tests.support.relaybook import House
    from tests.support.webhook_receiver import Receiver


class Always:
    """A duty that is always held."""

    def still_held(self) -> bool:
        return True

    def release(self) -> None:
        """Nobody waits for it."""


@dataclass(frozen=True)
class Told:
    """The application and who is told."""

    house: House
    receiver: Receiver

    def webhook(self, webhook_id: str = "hook", **fields: Any) -> str:
        """Register a webhook of the receiver and return its secret."""
        given = {"url": self.receiver.url, "types": ["smtp_setting.*"]} | fields
        answer = self.house.relaybook.webhooks.commands.register(
            webhook_id, make_webhook(webhook_id, given), self.house.ctx(), as_auditor=True
        )
        secret: str = (answer.document or {})["secret"]
        return secret

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Run the duty meanwhile."""
        stop = Event()
        duty = self.house.relaybook.webhooks.telling
        thread = Thread(target=duty.run, args=(Always(), stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def deliveries(self, webhook_id: str = "hook") -> list[Delivery]:
        """Return what a webhook is told, newest first."""
        return self.house.relaybook.webhooks.deliveries.page(webhook_id, None, None, 100)

    def ended(self, state: str, number: int = 1, webhook_id: str = "hook") -> list[Delivery]:
        """Wait until so many deliveries are in a state, and return them."""

        def found() -> list[Delivery] | None:
            there = [one for one in self.deliveries(webhook_id) if one.state == state]
            return there if len(there) >= number else None

        return eventually(found)

    def attempted(self, attempts: int) -> Delivery:
        """Wait until the only delivery was attempted so often, and return it."""

        def found() -> Delivery | None:
            return next((one for one in self.deliveries() if one.attempts == attempts), None)

        return eventually(found)

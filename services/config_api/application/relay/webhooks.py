"""Webhooks are told: the log is followed, deliveries are made, and what is due is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from events.store.port import Cursors, EventStore, Holding
from events.store.subscription import Subscription
from services.config_api.application.context import Clock
from services.config_api.application.webhook_dispatch import AT_ONCE, Dispatch
from services.config_api.application.webhook_fanout import Fanout
from services.config_api.application.webhook_sending import PART

_PAGE: Final = 200
_SHORTEST_S: Final = 0.05
_LONGEST_S: Final = 1.0
_ENDS_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """Makes and sends deliveries; the cursor moves once a page's deliveries are rows."""

    store: EventStore
    cursors: Cursors
    fanout: Fanout
    dispatch: Dispatch
    clock: Clock

    @property
    def name(self) -> str:
        """The duty's name."""
        return PART

    def run(self, holding: Holding, stop: Event) -> None:
        """Tell until `stop` or until the duty is lost, then wait for what is under way.

        Raises CursorMoved, StoreUnavailable.
        """
        self._begin()
        subscription = Subscription(PART, self.store, self.cursors, limit=_PAGE)
        looked_at: datetime | None = None
        pause = _SHORTEST_S
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=PART) as pool:
            while not stop.is_set() and holding.still_held():
                at = self.clock()
                if looked_at is None or abs(at - looked_at) >= _ENDS_EVERY:
                    self.fanout.look_at_ends()
                    looked_at = at
                moved = self._follow(subscription) + self.dispatch.round(pool)
                pause = _SHORTEST_S if moved else min(pause * 2, _LONGEST_S)
                stop.wait(pause)

    def _begin(self) -> None:
        """Pass over the history where nobody is to be told of it: it may be long."""
        head = self.store.head()
        if self.cursors.load(PART) == 0 and head > 0 and not self.fanout.stored.all():
            self.cursors.advance(PART, old=0, new=head)

    def _follow(self, subscription: Subscription) -> int:
        """Take the next page, and return how many events it had."""
        page = subscription.pending()
        if page.events:
            self.fanout.take(page.events)
        subscription.done(page)
        return len(page.events)

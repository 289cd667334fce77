"""What must be true after an outage, compared with what was acknowledged."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from kombu import Exchange, Queue

from events.bus.open import open_bus
from events.bus.topology import EVENTS
from events.store.sql.opening import open_store
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from events.envelope import RecordedEvent
    from tests.faults.outages.customers import Ledger
    from tests.faults.outages.site import Site

_ALL_ENDED_S: Final = 300.0  # two minutes without a broker leave a thousand tests behind
_ALL_PUBLISHED_S: Final = 120.0
_PAGE: Final = 5_000
_ENDED: Final = "connection_test.completed"
_REQUESTED: Final = "connection_test.requested"


class Receiver:
    """A queue to which events are sent, as another service has one; it deduplicates by id.

    All that are stored from now on must come: those `after` this position.
    """

    def __init__(self, site: Site, broker_url: str, name: str) -> None:
        self._url = broker_url
        with closing(open_store(site.database_url)) as opened:
            self.after = opened.store.head()
        exchange = Exchange(EVENTS, type="topic", durable=True)
        self._queue = Queue(name, exchange, routing_key="#", durable=True)
        self._got: dict[str, None] = {}
        self._channel_does(lambda channel: self._queue(channel).declare())

    def received(self) -> list[str]:
        """Return the ids of all events that came, in the order of their first coming."""
        self._channel_does(self._take)
        return list(self._got)

    def _take(self, channel: Any) -> None:
        while (message := channel.basic_get(self._queue.name, no_ack=True)) is not None:
            self._got.setdefault(message.properties["message_id"])

    def _channel_does(self, work: Any) -> None:
        bus = open_bus(self._url)
        connection = bus.broker.connect(heartbeat=False)  # type: ignore[attr-defined]  # both buses are kombu's
        try:
            work(connection.channel())
        finally:
            connection.release()


def check(site: Site, ledger: Ledger, receiver: Receiver | None = None) -> list[str]:
    """Return what is wrong with the facts that the customers caused; empty if all is well."""
    wait_until(
        lambda: not _unended(_facts(site, ledger.after), ledger),
        seconds=_ALL_ENDED_S, what="all tests have ended",
    )  # fmt: skip
    facts = _facts(site, ledger.after)
    wrong = ledger.wrong + site.ended()
    wrong += _settings(facts, ledger)
    wrong += _tests(facts, ledger)
    if receiver is not None:
        wrong += _published(site, receiver)
    return wrong


def _events(site: Site, after: int) -> list[RecordedEvent]:
    with closing(open_store(site.database_url)) as opened:
        found: list[RecordedEvent] = []
        while True:
            page = opened.store.read_all(after=after, limit=_PAGE)
            found += page.events
            after = page.upto
            if page.at_end:
                return found


def _facts(site: Site, after: int) -> dict[str, list[RecordedEvent]]:
    found: defaultdict[str, list[RecordedEvent]] = defaultdict(list)
    for event in _events(site, after):
        found[event.stream].append(event)
    return found


def _settings(facts: dict[str, list[RecordedEvent]], ledger: Ledger) -> list[str]:
    """Compare histories: nothing acknowledged is lost, nothing is there twice."""
    wrong = []
    for name, acknowledged in ledger.changes.items():
        stored = [(one.type, _mailer(one)) for one in facts[f"smtp_setting-{name}"]]
        if stored != acknowledged:
            wrong.append(f"{name}: stored {stored}, acknowledged {acknowledged}")
    known = {f"smtp_setting-{name}" for name in ledger.changes}
    ours = {stream for stream in facts if stream.startswith("smtp_setting-customer-")}
    return wrong + [f"{stream} was acknowledged to nobody" for stream in ours - known]


def _mailer(event: RecordedEvent) -> str | None:
    mailer: str | None = json.loads(event.data)["values"].get("x_mailer")
    return mailer


def _unended(facts: dict[str, list[RecordedEvent]], ledger: Ledger) -> list[str]:
    return [
        test
        for test in ledger.tests
        if _ENDED not in {event.type for event in facts[f"connection_test-{test}"]}
    ]


def _tests(facts: dict[str, list[RecordedEvent]], ledger: Ledger) -> list[str]:
    wrong = [f"test {test} has not ended" for test in _unended(facts, ledger)]
    for stream, events in facts.items():
        types = [event.type for event in events]
        if stream.startswith("connection_test-") and types != [_REQUESTED, _ENDED]:
            wrong.append(f"{stream}: {types}")
    known = {f"connection_test-{test}" for test in ledger.tests}
    asked = {stream for stream in facts if stream.startswith("connection_test-")}
    return wrong + [f"{stream} was asked for by nobody" for stream in asked - known]


def _published(site: Site, receiver: Receiver) -> list[str]:
    """Compare what came by the bus with the log: all of it, in its order."""
    stored = [event.id for event in _events(site, receiver.after)]
    wait_until(
        lambda: set(stored) <= set(receiver.received()),
        seconds=_ALL_PUBLISHED_S, what="all events are published",
    )  # fmt: skip
    wanted = set(stored)
    came = [one for one in receiver.received() if one in wanted]
    return [] if came == stored else ["events were published in another order than the log's"]

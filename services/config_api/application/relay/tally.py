"""What the relay counts and measures, in a registry of its own: the API does not do its duties."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

RELAY: Final = CollectorRegistry()
_SHORT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)

HELD: Final = Gauge(
    "relaybook_relay_duty_held",
    "1 for each duty that this process holds; over all relays each is held once.",
    ["duty"],
    registry=RELAY,
)
FAILURES: Final = Counter(
    "relaybook_relay_failures",
    "Failures that a duty of the relay survived.",
    ["duty"],
    registry=RELAY,
)
PUBLISHED: Final = Counter(
    "relaybook_relay_published",
    "Messages that the broker has confirmed, by exchange or queue.",
    ["destination"],
    registry=RELAY,
)
PUBLISHING_SECONDS: Final = Histogram(
    "relaybook_relay_publish_seconds",
    "Time from the hand-over of a page to its last confirm.",
    buckets=_SHORT,
    registry=RELAY,
)
DELAY_SECONDS: Final = Histogram(
    "relaybook_relay_delay_seconds",
    "Age of a page's oldest event when the broker had confirmed the page.",
    buckets=_LONG,
    registry=RELAY,
)
SEALED: Final = Counter("relaybook_sealed_events", "Events that were sealed.", registry=RELAY)
SEALING_SECONDS: Final = Histogram(
    "relaybook_sealing_seconds",
    "Time of a round of sealing that signed something: reading, hashing, signing.",
    buckets=_LONG,
    registry=RELAY,
)
RETESTS: Final = Counter(
    "relaybook_retests",
    "Settings whose turn came: asked for a test, or spared because one was not needed.",
    ["outcome"],
    registry=RELAY,
)

DELIVERIES: Final = Counter(
    "relaybook_webhook_attempts",
    "Attempts to tell a webhook: delivered, failed (and tried again), or parked.",
    ["result"],
    registry=RELAY,
)

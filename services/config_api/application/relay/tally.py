"""What the relay counts."""

from __future__ import annotations

from prometheus_client import Counter

FAILURES = Counter(
    "relaybook_relay_failures", "Failures that a duty of the relay survived", ["duty"]
)

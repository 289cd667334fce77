"""What a tester counts and measures."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

TESTER: Final = CollectorRegistry()
_BUCKETS: Final = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0
)  # fmt: skip

ATTEMPTS: Final = Counter(
    "relaybook_tester_attempts",
    "Attempts at connection tests that came to a conclusion, by verdict and code.",
    ["verdict", "code"],
    registry=TESTER,
)
RUNNING: Final = Gauge(
    "relaybook_tester_running", "Messages that are being worked on.", registry=TESTER
)
CAPACITY: Final = Gauge(
    "relaybook_tester_capacity",
    "Connection tests that are worked on at once at most.",
    registry=TESTER,
)
ATTEMPT_SECONDS: Final = Histogram(
    "relaybook_tester_attempt_seconds",
    "Time of an attempt, without its claim.",
    buckets=_BUCKETS,
    registry=TESTER,
)
STEP_SECONDS: Final = Histogram(
    "relaybook_tester_step_seconds",
    "Time of a step of an attempt.",
    ["step"],
    buckets=_BUCKETS,
    registry=TESTER,
)
CLAIMS: Final = Counter(
    "relaybook_tester_claims",
    "Claims by their answer: granted, nothing (taken or ended), or unanswered.",
    ["outcome"],
    registry=TESTER,
)
RESULTS: Final = Counter(
    "relaybook_tester_results",
    "Results that were sent, or whose work was given back for another try.",
    ["outcome"],
    registry=TESTER,
)
FAILURES: Final = Counter(
    "relaybook_tester_failures", "Failures that the tester survived.", registry=TESTER
)

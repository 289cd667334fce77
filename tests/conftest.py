"""What all tests share: the services of this machine, and how long generated tests look."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.support.services", "tests.support.npm"]

# A shell starts background jobs with Ctrl-C ignored, and programs that tests start inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Servers that tests start become users of their own, who have to reach their files.
_UMASK: Final = 0o022
os.umask(_UMASK)


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Take back what a command of the product does to the process that a test calls it in."""
    yield
    os.umask(_UMASK)


# Seconds by default; RELAYBOOK_SWEEP=full looks a hundred times longer.
settings.register_profile(
    "short",
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "full",
    max_examples=1_000,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("full" if os.environ.get("RELAYBOOK_SWEEP") == "full" else "short")

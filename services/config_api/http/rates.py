"""How often a principal may have testers work on what is no test (RELAYBOOK_TEST_RATE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook

if TYPE_CHECKING:
    from services.config_api.settings_values import Rate


def within_rate(rate: Rate | None) -> None:
    """Count a request of the caller among his tests; raises TooManyTests. None is no limit."""
    if rate is not None:
        counted, at = relaybook().connection_tests.rate, relaybook().clock()
        counted.take(current_caller().principal.actor, at)

"""When an alert is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.connection_test import Verdict
from services.config_api.domain.alerts import (
    TEST_FAILED,
    TEST_RECOVERED,
    expires_soon,
    turned,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "now", "alert"),
    [
        ("passed", "failed", TEST_FAILED),
        ("failed", "passed", TEST_RECOVERED),
        ("passed", "passed", None),
        ("failed", "failed", None),
        (None, "failed", None),
        (None, "passed", None),
        ("passed", "inconclusive", None),
    ],
)
def test_a_test_that_turned(before: Verdict | None, now: Verdict, alert: str | None) -> None:
    assert turned(before, now) == alert


def test_a_token_is_told_of_in_its_last_week() -> None:
    issued = NOW - 365 * DAY
    assert expires_soon(issued, NOW + 7 * DAY, NOW)
    assert not expires_soon(issued, NOW + 7 * DAY + timedelta(seconds=1), NOW)
    assert not expires_soon(issued, NOW, NOW)  # it has ended


def test_a_short_token_is_told_of_in_its_last_quarter() -> None:
    assert not expires_soon(NOW, NOW + DAY, NOW)
    assert expires_soon(NOW, NOW + DAY, NOW + 0.75 * DAY)

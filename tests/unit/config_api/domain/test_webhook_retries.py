"""When a message is sent again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.config_api.domain.webhook_retries import (
    LONGEST,
    MOST_ATTEMPTS,
    PAUSES,
    asked_pause,
    pause_after,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_the_pauses_are_those_of_the_specification() -> None:
    minutes = [pause / timedelta(minutes=1) for pause in PAUSES]
    assert minutes == [5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440]
    assert MOST_ATTEMPTS == 10


def test_chance_lengthens_a_pause_by_a_fifth_at_most() -> None:
    assert pause_after(1, chance=0.0) == timedelta(seconds=5)
    assert pause_after(1, chance=1.0) == timedelta(seconds=6)


def test_the_last_attempt_has_no_next() -> None:
    assert pause_after(MOST_ATTEMPTS - 1, chance=0.0) == PAUSES[-1]
    assert pause_after(MOST_ATTEMPTS, chance=0.0, asked=timedelta(seconds=1)) is None


def test_an_endpoint_may_ask_for_more_but_not_for_less_nor_for_ever() -> None:
    assert pause_after(1, chance=0.0, asked=timedelta(hours=1)) == timedelta(hours=1)
    assert pause_after(2, chance=0.0, asked=timedelta(seconds=1)) == timedelta(minutes=5)
    assert pause_after(1, chance=0.0, asked=timedelta(days=9)) == LONGEST


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("9" * 40, LONGEST),
        ("Sat, 31 Jan 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sat, 31 Jan 2026 11:00:00 GMT", timedelta()),
        ("Sat, 31 Jan 2026 12:01:00 -0000", None),  # a date that does not say where
        ("soon", None),
        ("-5", None),
        ("١٢", None),  # digits, but not those of HTTP
        ("", None),
        (None, None),
    ],
)
def test_what_retry_after_asks_for(header: str | None, expected: timedelta | None) -> None:
    assert asked_pause(header, NOW) == expected

"""When a message is sent again that did not arrive (Standard Webhooks, "Deliverability")."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

#: What is waited after the first attempt, the second, and so on; then the message is parked.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = len(PAUSES) + 1
#: An endpoint that asks for more than this is not believed.
LONGEST: Final = timedelta(hours=24)
_JITTER: Final = 0.2


def pause_after(
    attempts: int, *, chance: float, asked: timedelta | None = None
) -> timedelta | None:
    """Return how long to wait after so many attempts; None where that was the last one.

    `chance`, from 0 to 1, lengthens it by up to a fifth, so that what failed together does not come
    back together. `asked` is what the endpoint wants at least (`Retry-After`).
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    usual = PAUSES[attempts - 1] * (1 + _JITTER * chance)
    return max(usual, min(asked or timedelta(), LONGEST))


def asked_pause(retry_after: str | None, at: datetime) -> timedelta | None:
    """Return what a header `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3).

    None for one that is neither, and for no header.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST.total_seconds())))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        return None
    return max(until - at, timedelta())

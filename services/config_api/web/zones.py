"""Moments as the viewer's clock shows them.

The server does not know where a viewer is; the page's script tells it by a cookie. Until then, and
without script, moments stand in UTC, and the script rewrites those of the first page.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, cast
from zoneinfo import ZoneInfo

from flask import g, request

ZONE_COOKIE: Final = "relaybook-zone"
_LONGEST: Final = 64
_UTC_NAME: Final = "UTC"


def zone_name() -> str:
    """Return the name of the viewer's zone (`Asia/Tokyo`), `UTC` where it is not known."""
    return _found()[0]


def local_time(instant: str) -> str:
    """Return an RFC 3339 instant in the viewer's zone, to the minute: `2026-11-22 18:04`."""
    return _moment(instant).astimezone(_found()[1]).strftime("%Y-%m-%d %H:%M")


def utc_time(instant: str) -> str:
    """Return an RFC 3339 instant in UTC, to the second: `2026-11-22 09:04:12 UTC`."""
    return _moment(instant).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def local_input(instant: datetime) -> str:
    """Return an instant as a field for date and time holds it, in the viewer's zone.

    Browsers leave out seconds that are none (HTML, section 2.3.5.5), and so does this.
    """
    return instant.astimezone(_found()[1]).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")


def typed_instant(text: str) -> datetime:
    """Return the instant (UTC) of a date and time: in the viewer's zone where it names none.

    Raises ValueError for what is none, or is beyond the calendar.
    """
    told = _moment(text.replace(" ", "+"))
    try:
        return (told if told.tzinfo else told.replace(tzinfo=_found()[1])).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time that exists") from error


def _moment(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def _found() -> tuple[str, tzinfo]:
    if "zone" not in g:
        g.zone = _zone(request.cookies.get(ZONE_COOKIE, _UTC_NAME)[:_LONGEST])
    return cast("tuple[str, tzinfo]", g.zone)


@lru_cache(maxsize=64)
def _zone(name: str) -> tuple[str, tzinfo]:
    """Return a zone, UTC for a name that the system does not know or that is none."""
    try:
        return name, ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return _UTC_NAME, UTC

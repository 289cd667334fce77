"""Alerts: messages for webhooks that mirror no event, since they tell what several mean."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from events.connection_test import Verdict

TEST_FAILED: Final = "alert.test_failed"
TEST_RECOVERED: Final = "alert.test_recovered"
CERTIFICATE_EXPIRING: Final = "alert.certificate_expiring"
TOKEN_EXPIRING: Final = "alert.token_expiring"  # noqa: S105 -- a type of message, no token
ALERT_TYPES: Final = (TEST_FAILED, TEST_RECOVERED, CERTIFICATE_EXPIRING, TOKEN_EXPIRING)
#: The warning of a connection test that tells of a certificate's end.
EXPIRES_SOON: Final = "cert_expires_soon"
#: How long before its end a token is told of, unless its whole life is short.
AHEAD: Final = timedelta(days=7)
_SHARE: Final = 4


def turned(before: Verdict | None, now: Verdict) -> str | None:
    """Return the alert of a setting's tests that turned; what is inconclusive turns nothing."""
    if before == "passed" and now == "failed":
        return TEST_FAILED
    if before == "failed" and now == "passed":
        return TEST_RECOVERED
    return None


def expires_soon(issued_at: datetime, expires_at: datetime, at: datetime) -> bool:
    """Tell whether a token that holds should be replaced: in its last week, or last quarter.

    A token of a day would be told of as soon as it is made, were there no quarter.
    """
    ahead = min(AHEAD, (expires_at - issued_at) / _SHARE)
    return at < expires_at <= at + ahead

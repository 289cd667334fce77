from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from events.store.sql.tables import UtcDateTime
from tests.support.events import NOON

DIALECT = sqlite.dialect()
TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize("stored", [NOON, NOON.replace(tzinfo=None), NOON.astimezone(TOKYO)])
def test_an_instant_is_read_in_utc(stored: datetime) -> None:
    read = UtcDateTime().process_result_value(stored, DIALECT)
    assert read == NOON
    assert read is not None
    assert read.tzinfo is UTC


def test_an_instant_is_written_in_utc() -> None:
    written = UtcDateTime().process_bind_param(NOON.astimezone(TOKYO), DIALECT)
    assert written == NOON
    assert written is not None
    assert written.tzinfo is UTC


def test_nothing_stays_nothing() -> None:
    assert UtcDateTime().process_bind_param(None, DIALECT) is None
    assert UtcDateTime().process_result_value(None, DIALECT) is None


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(NOON.replace(tzinfo=None), DIALECT)

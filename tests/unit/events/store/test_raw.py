"""Events made of what a driver returns."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from msgspec.structs import astuple

from events.envelope import RecordedEvent
from events.store.sql.raw import made
from tests.support.events import NOON, a_recorded_event

EVENT = a_recorded_event(stream="smtp_setting-acme", version=7)
VALUES = astuple(EVENT)


def at(moment: object) -> tuple[object, ...]:
    return tuple(moment if value is EVENT.recorded_at else value for value in VALUES)


def test_events_are_made_of_their_values_in_their_order() -> None:
    assert made(RecordedEvent, [VALUES, VALUES]) == [EVENT, EVENT]
    assert made(RecordedEvent, []) == []


@pytest.mark.parametrize(
    "moment",
    [
        NOON.astimezone(timezone(timedelta(hours=9))),
        f"{NOON:%Y-%m-%d %H:%M:%S.%f}Z",
    ],
)
def test_the_instant_of_an_event_is_in_utc(moment: object) -> None:
    (event,) = made(RecordedEvent, [at(moment)])
    assert event == EVENT
    assert event.recorded_at.tzinfo is UTC


@pytest.mark.parametrize("wrong", [VALUES[:-1], (*VALUES, None), ("1", *VALUES[1:])])
def test_an_event_is_not_made_of_other_values_than_its_own(wrong: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        made(RecordedEvent, [wrong])

from __future__ import annotations

from datetime import timedelta

import pytest

from events.store.port import EventFilter
from services.config_api.application.newest_events import newest_events
from tests.support.handlers import Desk
from tests.support.settings import a_draft

COUNT = 23


@pytest.fixture
def desk() -> Desk:
    """Settings registered one after the other; the very first one is `rare`."""
    desk = Desk()
    for number in range(COUNT):
        name = "rare" if number == 0 else f"s{number:02}"
        desk.smtp_settings.register(name, a_draft(), desk.ctx())
    return desk


def positions(desk: Desk, only: EventFilter, limit: int) -> list[list[int]]:
    """Return the positions of all pages."""
    pages, before = [], None
    while True:
        page = newest_events(desk.store, only, before=before, limit=limit)
        pages.append([event.position for event in page.events])
        before = page.next_before
        if before is None:
            return pages


@pytest.mark.parametrize("limit", [1, 3, COUNT - 1, COUNT, COUNT + 1])
def test_pages_hold_every_event_once_newest_first(desk: Desk, limit: int) -> None:
    pages = positions(desk, EventFilter(), limit)
    assert [one for page in pages for one in page] == list(range(COUNT, 0, -1))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


def test_a_rare_event_far_back_is_found(desk: Desk) -> None:
    assert positions(desk, EventFilter(stream="smtp_setting-rare"), 2) == [[1]]


def test_nothing_is_a_page_without_events(desk: Desk) -> None:
    assert positions(desk, EventFilter(actor="user:nobody"), 5) == [[]]
    assert newest_events(desk.store, EventFilter(), before=1, limit=5).events == []


def test_times_bound_what_is_read(desk: Desk) -> None:
    at = desk.store.read_all(after=9, limit=1).events[0].recorded_at
    until = EventFilter(until=at + timedelta(microseconds=1))
    assert positions(desk, until, 50)[0][0] >= 10
    assert positions(desk, EventFilter(until=at - timedelta(days=1)), 50) == [[]]
    assert positions(desk, EventFilter(since=at), 50)[0][0] == COUNT

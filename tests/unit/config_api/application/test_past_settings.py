from __future__ import annotations

from collections.abc import Sequence

import pytest

from events.envelope import RecordedEvent
from events.store.memory import MemoryEventStore
from services.config_api.application.past_settings import PastSettings
from services.config_api.read_model.listed import SettingsQuery
from tests.support.handlers import Desk
from tests.support.settings import a_draft

IDS = ["B", "a", "b", "c"]


class CountingStore(MemoryEventStore):
    """Counts the streams that are read."""

    def __init__(self, store: MemoryEventStore) -> None:
        super().__init__()
        self.__dict__.update(store.__dict__)
        self.read: list[str] = []

    def read_streams(
        self, streams: Sequence[str], *, upto_position: int | None = None
    ) -> dict[str, list[RecordedEvent]]:
        self.read += [one for one in streams if one.startswith("smtp_setting-")]
        return super().read_streams(streams, upto_position=upto_position)


@pytest.fixture
def desk() -> Desk:
    """Four settings, registered one after the other; then `b` was deleted."""
    desk = Desk()
    for setting_id in IDS:
        desk.smtp_settings.register(setting_id, a_draft(), desk.ctx())
    desk.smtp_settings.delete("b", 1, desk.ctx())
    return desk


def past(desk: Desk, position: int, query: SettingsQuery | None = None) -> PastSettings:
    return PastSettings(store=desk.store, query=query or SettingsQuery(), position=position)


def ids(found: PastSettings, after_id: str | None = None, limit: int = 50) -> list[str]:
    return [one.id for one in found.page(after_id=after_id, limit=limit).items]


@pytest.mark.parametrize("position", range(7))
def test_a_position_shows_what_was_registered_and_not_yet_deleted(
    desk: Desk, position: int
) -> None:
    expected = IDS[:position] if position < 5 else ["B", "a", "c"]
    assert ids(past(desk, position)) == expected
    assert past(desk, position).count() == len(expected)


def test_a_full_last_page_has_no_next_one(desk: Desk) -> None:
    now = past(desk, 5)
    assert now.page(after_id=None, limit=3).next_id is None
    assert now.page(after_id=None, limit=2).next_id == "a"
    assert ids(now, after_id="a", limit=2) == ["c"]


def test_a_place_that_is_no_setting_is_a_place_all_the_same(desk: Desk) -> None:
    assert ids(past(desk, 5), after_id="A") == ["B", "a", "c"]
    assert ids(past(desk, 5), after_id="b") == ["c"]
    assert ids(past(desk, 5), after_id="z") == []


def test_a_limited_reader_sees_its_tenants_in_order(desk: Desk) -> None:
    query = SettingsQuery(tenants=frozenset({"c", "b", "B", "nobody"}))
    assert ids(past(desk, 4, query)) == ["B", "b", "c"]
    assert ids(past(desk, 4, query), after_id="B", limit=1) == ["b"]
    assert past(desk, 5, query).count() == 2


def test_a_page_without_a_filter_reads_no_more_than_it_needs() -> None:
    desk = Desk()
    for number in range(200):
        desk.smtp_settings.register(f"t{number:03}", a_draft(), desk.ctx())
    store = CountingStore(desk.store)
    found = PastSettings(store=store, query=SettingsQuery(), position=200)
    page = found.page(after_id="t099", limit=60)
    assert [one.id for one in page.items] == [f"t{number:03}" for number in range(100, 160)]
    assert len(store.read) == 61


def test_a_page_goes_on_where_deleted_settings_left_it_short() -> None:
    desk = Desk()
    for number in range(120):
        desk.smtp_settings.register(f"t{number:03}", a_draft(), desk.ctx())
    for number in range(110):
        desk.smtp_settings.delete(f"t{number:03}", 1, desk.ctx())
    found = past(desk, desk.store.head())
    assert ids(found, limit=3) == ["t110", "t111", "t112"]
    assert found.count() == 10

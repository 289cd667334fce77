from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.config_api.application.loading import load_setting, load_settings
from tests.support.handlers import Desk
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

IDS = [f"t{number:03}" for number in range(90)]


def registered() -> Desk:
    desk = Desk()
    for setting_id in IDS:
        desk.smtp_settings.register(setting_id, a_draft(), desk.ctx())
    return desk


def sizes_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that will hold how many streams were read at a time."""
    seen: list[int] = []
    read = desk.store.read_streams

    def noting(streams: Sequence[str], **which: Any) -> Any:
        seen.append(len(streams))
        return read(streams, **which)

    monkeypatch.setattr(desk.store, "read_streams", noting)
    return seen


def test_settings_come_in_the_order_in_which_they_were_asked_for() -> None:
    desk = registered()
    asked = [*reversed(IDS), "nobody"]
    states = load_settings(desk.store, asked)
    assert [one.setting_id for one in states] == asked
    assert states == [load_setting(desk.store, one) for one in asked]


def test_short_histories_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = registered()
    seen = sizes_read(desk, monkeypatch)
    load_settings(desk.store, IDS)
    assert seen == [4, 32, 54]


def test_fewer_are_read_at_a_time_where_histories_are_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.config_api.application.loading._EVENTS_AT_ONCE", 40)
    desk = registered()
    for setting_id in IDS[:32]:
        for mailer in "abc":
            desk.smtp_settings.patch(setting_id, {"x_mailer": mailer}, None, desk.ctx())
    seen = sizes_read(desk, monkeypatch)
    assert [one.version for one in load_settings(desk.store, IDS)] == [4] * 32 + [1] * 58
    assert seen == [4, 10, 10, 10, 11, 40, 5]

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.config_api.application.loading import load_setting
from services.config_api.application.recent_settings import RecentSettings
from tests.support.handlers import Desk
from tests.support.settings import a_draft

if TYPE_CHECKING:
    import pytest


def change(desk: Desk, mailer: str) -> None:
    desk.smtp_settings.patch("acme", {"x_mailer": mailer}, None, desk.ctx())


def versions_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Return a list that will hold the versions of each reading of a stream."""
    seen: list[list[int]] = []
    read = desk.store.read_stream

    def noting(stream: str, **which: Any) -> Any:
        events = read(stream, **which)
        seen.append([event.version for event in events])
        return events

    monkeypatch.setattr(desk.store, "read_stream", noting)
    return seen


def test_only_what_is_new_in_a_stream_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    seen = versions_read(desk, monkeypatch)
    recent = RecentSettings()

    for mailer in "abc":
        assert recent.load(desk.store, "acme") == load_setting(desk.store, "acme")
        change(desk, mailer)
    seen.clear()
    assert recent.load(desk.store, "acme").version == 4
    assert seen == [[3, 4]]


def test_what_this_process_has_appended_is_not_folded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    change(desk, "a")
    seen = versions_read(desk, monkeypatch)

    known = desk.smtp_settings.current("acme")
    assert seen == [[2]]
    assert known == load_setting(desk.store, "acme")


def test_a_state_gives_way_to_a_newer_one_only() -> None:
    desk = Desk()
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    first = desk.smtp_settings.current("acme")
    assert RecentSettings().newest(first) is first
    change(desk, "a")
    second = desk.smtp_settings.current("acme")

    recent = desk.smtp_settings.recent
    assert recent.newest(first) == recent.newest(second) == second
    recent.keep(first, "an older event")
    assert recent.newest(second) is second


def test_an_older_database_that_was_put_back_is_read_anew() -> None:
    desk, older = Desk(), Desk()
    for one in (desk, older):
        one.smtp_settings.register("acme", a_draft(), one.ctx())
    change(desk, "a")
    recent = RecentSettings()

    assert recent.load(desk.store, "acme").version == 2
    assert recent.load(older.store, "acme") == load_setting(older.store, "acme")
    change(older, "another second version")
    assert recent.load(desk.store, "acme") == load_setting(desk.store, "acme")


def test_no_more_settings_are_kept_than_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    for setting_id in ("acme", "globex"):
        desk.smtp_settings.register(setting_id, a_draft(), desk.ctx())
        desk.smtp_settings.patch(setting_id, {"x_mailer": "a"}, None, desk.ctx())
    recent = RecentSettings(most=1)
    recent.load(desk.store, "acme")
    recent.load(desk.store, "globex")
    seen = versions_read(desk, monkeypatch)

    recent.load(desk.store, "globex")
    recent.load(desk.store, "acme")
    assert seen == [[2], [1, 2]]


def test_a_setting_that_never_was_has_no_version() -> None:
    assert RecentSettings().load(Desk().store, "acme").version == 0

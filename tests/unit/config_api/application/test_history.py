from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from events.smtp_setting import DefaultProvisioned, DefaultWithdrawn, SettingUpdated
from services.config_api.application.history import History, changes_between
from services.config_api.domain.errors import SettingNotFound
from tests.support.handlers import NOON, Desk
from tests.support.relaybook import context
from tests.support.settings import a_draft, state_after


@pytest.fixture
def history() -> History:
    """A setting that was registered at noon, changed an hour later and deleted after another."""
    desk = Desk()
    service = desk.smtp_settings
    service.register("acme", a_draft(), context(NOON))
    service.replace("acme", a_draft(x_mailer="m"), 1, context(NOON + timedelta(hours=1)))
    service.delete("acme", 2, context(NOON + timedelta(hours=2)))
    return History(store=desk.store)


@pytest.mark.parametrize(
    ("hours", "version", "exists"), [(-1, 0, False), (0, 1, True), (1.5, 2, True), (2, 3, False)]
)
def test_a_setting_is_told_as_it_was_at_an_instant(
    history: History, hours: float, version: int, exists: bool
) -> None:
    state = history.setting_at("acme", NOON + timedelta(hours=hours))
    assert (state.version, state.exists) == (version, exists)


@pytest.mark.parametrize(("position", "version"), [(0, 0), (1, 1), (2, 2), (3, 3), (99, 3)])
def test_a_setting_is_told_as_it_was_at_a_position(
    history: History, position: int, version: int
) -> None:
    assert history.setting_at("acme", position).version == version


def test_a_moment_is_at_a_position(history: History) -> None:
    assert history.position(7) == 7
    assert history.position(NOON) == 1
    assert history.position(NOON - timedelta(seconds=1)) == 0
    assert history.position(NOON + timedelta(days=9_000)) == 3


def test_versions_tell_what_each_event_changed(history: History) -> None:
    versions = history.versions("acme")
    told = [
        {change["path"]: (change["before"], change["after"]) for change in changes}
        for changes in (changes_between(one.before, one.after) for one in versions)
    ]
    assert [one.event.version for one in versions] == [1, 2, 3]
    assert told[0]["/host"] == (None, "smtp.acme.example")
    assert told[0]["/auth/password"] == (None, {"version": 1})
    assert told[1] == {"/x_mailer": (None, "m")}
    assert told[2]["/auth/password"] == ({"version": 1}, None)
    assert {path for path, (_, after) in told[2].items() if after is not None} == set()


def test_a_setting_that_never_was_has_no_versions(history: History) -> None:
    with pytest.raises(SettingNotFound):
        history.versions("nobody")


def test_becoming_a_default_and_ceasing_to_be_one_are_changes() -> None:
    values = a_draft().values
    facts = [
        DefaultProvisioned(setting_id="acme", values=values),
        SettingUpdated(setting_id="acme", values=values),
        DefaultProvisioned(setting_id="acme", values=values),
        DefaultWithdrawn(setting_id="acme"),
    ]
    states = [state_after(facts[:count]) for count in range(5)]
    told = [
        [change for change in changes_between(*pair) if change["path"] == "/is_default"]
        for pair in pairwise(states)
    ]
    steps = [(None, True), (True, False), (False, True), (True, None)]
    assert told == [
        [{"path": "/is_default", "before": before, "after": after}] for before, after in steps
    ]


def test_a_version_compared_with_itself_differs_in_nothing(history: History) -> None:
    for version in history.versions("acme"):
        assert changes_between(version.after, version.after) == []


def test_the_last_test_is_told_as_of_a_moment(history: History) -> None:
    assert history.last_test_at("acme", NOON) is None

"""Settings replayed from their events: as of a moment, between two, for some tenants or all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.config_api.application.replay import Replay
from services.config_api.cli.main import run
from tests.support.asking import register
from tests.support.relaybook import MASTER_KEY
from tests.support.settings import a_draft

if TYPE_CHECKING:
    import pytest

    from tests.support.relaybook import House


def with_a_history(house: House) -> dict[str, int]:
    """Return the position after each step."""
    commands, store = house.relaybook.smtp_settings, house.relaybook.store
    after = {}
    register(house, "acme")
    register(house, "globex", host="smtp.globex.example")
    after["registered"] = store.head()
    house.watch.forward(minutes=1)
    draft = a_draft(x_mailer="Relaybook")
    commands.replace("acme", draft, None, house.ctx(actor="user:bob"))
    after["changed"] = store.head()
    house.watch.forward(minutes=1)
    commands.delete("globex", None, house.ctx())
    after["deleted"] = store.head()
    return after


def test_the_state_of_each_moment_comes_with_what_led_there(house: House) -> None:
    after = with_a_history(house)
    replay = Replay(store=house.relaybook.store)
    acme, globex = replay.settings(until=after["registered"])
    assert acme.after.values is not None
    assert acme.after.values.x_mailer is None
    assert [step.event.type for step in acme.steps] == ["smtp_setting.registered"]
    assert globex.after.exists
    acme, globex = replay.settings(until=after["deleted"])
    assert acme.after.values is not None
    assert acme.after.values.x_mailer == "Relaybook"
    assert [step.event.actor for step in acme.steps] == ["user:alice", "user:bob"]
    assert not globex.after.exists
    assert list(replay.settings(until=0)) == []


def test_between_two_moments_only_what_changed_is_told(house: House) -> None:
    after = with_a_history(house)
    replay = Replay(store=house.relaybook.store)
    (acme,) = replay.settings(since=after["registered"], until=after["changed"])
    assert [(one["path"], one["before"], one["after"]) for one in acme.changes] == [
        ("/x_mailer", None, "Relaybook")
    ]
    (globex,) = replay.settings(since=after["changed"], until=after["deleted"])
    assert (globex.before.exists, globex.after.exists) == (True, False)
    assert list(replay.settings(since=after["deleted"], until=after["deleted"])) == []


def test_some_tenants_are_replayed_alone(house: House) -> None:
    after = with_a_history(house)
    replay = Replay(store=house.relaybook.store)
    found = replay.settings(until=after["deleted"], tenants=("globex", "nobody"))
    assert [one.after.setting_id for one in found] == ["globex"]


def typed(
    house: House, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str, str]:
    """Type a command on the host of a service, and return exit code, stdout and stderr."""
    settings = house.relaybook.settings
    patch.setenv("RELAYBOOK_DATA_DIR", str(settings.data_dir))
    patch.setenv("RELAYBOOK_DATABASE_URL", settings.database_url)
    patch.setenv("RELAYBOOK_MASTER_KEY", MASTER_KEY)
    capsys.readouterr()
    code = run(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_state_events_actor_and_address(
    embedded_house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = embedded_house
    after = with_a_history(house)
    base = ("events", "replay")
    code, out, err = typed(house, capsys, monkeypatch, *base)
    assert code == 0
    assert "acme\n" in out
    assert "  /x_mailer: Relaybook\n" in out
    assert "globex (deleted)" in out
    assert "smtp_setting.updated  user:bob  192.0.2.1  story-1" in out
    assert "not sealed" in err
    house.relaybook.log.sealer.begin().round()
    until = str(after["registered"])
    code, out, err = typed(house, capsys, monkeypatch, *base, "--until", until, "--json")
    documents: list[Any] = [json.loads(line) for line in out.splitlines()]
    assert [one["id"] for one in documents] == ["acme", "globex"]
    assert documents[0]["setting"]["x_mailer"] is None
    assert documents[0]["events"][0]["source_ip"] == "192.0.2.1"
    assert "; sealed" in err
    instant = "2026-03-01T12:01:30Z"
    code, out, _ = typed(house, capsys, monkeypatch, *base, "--diff", until, instant)
    assert (code, out.splitlines()[:2]) == (0, ["acme", "  /x_mailer: - → Relaybook"])
    assert "globex" not in out
    diff = ("--diff", until, instant, "--json", "--tenant", "acme")
    code, out, _ = typed(house, capsys, monkeypatch, *base, *diff)
    assert json.loads(out)["changes"][0]["path"] == "/x_mailer"


def test_moments_that_make_no_sense_are_refused(
    embedded_house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_history(embedded_house)
    for words in (
        ("--diff", "3", "1"),
        ("--until", "yesterday"),
        ("--until", "1", "--diff", "1", "2"),
    ):
        code, _, _ = typed(embedded_house, capsys, monkeypatch, "events", "replay", *words)
        assert code == 2

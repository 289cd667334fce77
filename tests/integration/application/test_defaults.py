"""Defaults on both set-ups: at a start, by the relay's duty, and in what is rebuilt."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

from services.config_api.application.defaults import Defaults, DefaultsSource, Reconciled
from services.config_api.application.defaults_file import InvalidDefaults
from services.config_api.application.relay.defaults import KeepingDefaults
from services.config_api.application.restoring import Restore
from services.config_api.bootstrap import NotMigrated, build, check, prepare
from services.config_api.domain.setting_commands import AnyVersion
from services.config_api.read_model.rebuild import rebuild
from services.config_api.settings import read_settings
from tests.support.asking import register
from tests.support.relaybook import eventually
from tests.support.settings import a_draft, a_draft_without_password, some_fields

if TYPE_CHECKING:
    from pathlib import Path

    from services.config_api.bootstrap import Relaybook
    from services.config_api.domain.setting_fields import SettingDraft
    from services.config_api.settings import Settings
    from tests.support.relaybook import House


def with_file(house: House, **drafts: SettingDraft) -> Defaults:
    """Return the defaults of a process that starts now with these in its file."""
    return replace(house.relaybook.defaults, source=DefaultsSource(lambda: drafts))


def document(relaybook: Relaybook, setting_id: str = "acme") -> dict[str, Any] | None:
    stored = relaybook.read_model.setting(setting_id)
    return None if stored is None else json.loads(stored.document)


def assert_rebuilt_the_same(house: House) -> None:
    assert rebuild(house.relaybook.engine, house.relaybook.store).differing == 0


def test_the_rows_of_defaults_are_those_that_a_rebuild_makes(house: House) -> None:
    register(house, "own")
    first = with_file(house, acme=a_draft(), own=a_draft(), gone=a_draft_without_password())
    assert first.reconcile() == Reconciled(provisioned=2)
    later = with_file(house, acme=a_draft(x_mailer="x"), own=a_draft())
    assert later.reconcile() == Reconciled(provisioned=1, withdrawn=1)
    settings = replace(house.relaybook.smtp_settings, default_of=later.of)
    settings.delete("own", 1, house.ctx())

    assert_rebuilt_the_same(house)
    own = document(house.relaybook, "own")
    assert own is not None
    assert (own["is_default"], own["version"]) == (True, 3)
    assert document(house.relaybook, "gone") is None


def test_a_restored_setting_opens_with_the_password_of_its_time(house: House) -> None:
    register(house)
    settings = house.relaybook.smtp_settings
    moved = a_draft(host="other.example", auth={"password": "other"})
    settings.replace("acme", moved, 1, house.ctx())
    asked = Restore(version=1, expected=AnyVersion.ANY, given={})
    settings.restore("acme", asked, house.ctx())

    assert_rebuilt_the_same(house)
    values = house.relaybook.history.setting_at("acme", 100).values
    assert values is not None
    password = house.relaybook.vault.open("acme", values.secrets["password"])
    assert (values.host, password.reveal()) == ("smtp.acme.example", "correct horse")


def test_processes_that_start_at_once_agree(house: House) -> None:
    drafts = {f"t{number}": a_draft() for number in range(20)}
    together = Barrier(4)

    def start(_number: int) -> Reconciled:
        defaults = with_file(house, **drafts)
        together.wait()
        return defaults.reconcile()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(start, range(4)))

    assert sorted(one.provisioned for one in done) == [0, 0, 0, 20]
    assert house.relaybook.store.head() >= 20
    events = house.relaybook.store.read_all(after=0, limit=100).events
    assert len(events) == 20
    assert_rebuilt_the_same(house)


def test_the_relay_brings_the_defaults_in_step_when_it_begins(house: House) -> None:
    with_file(house, acme=a_draft()).reconcile()
    assert document(house.relaybook) is not None
    with house.relay():  # its process was started without a file
        eventually(lambda: document(house.relaybook) is None)


def test_the_duty_reconciles_once_and_then_waits_for_its_end(house: House) -> None:
    odd = a_draft(session_properties={"mail.smtp.nonsense": "1"})
    holding = house.relaybook.duties.try_hold("defaults")
    assert holding is not None
    stop = Event()
    stop.set()
    KeepingDefaults(defaults=with_file(house, acme=odd)).run(holding, stop)
    holding.release()

    assert document(house.relaybook) is not None


# through the whole start


def settings_in(path: Path, database_url: str, *settings: dict[str, Any]) -> Settings:
    """Return the settings of a start with these in its defaults file."""
    file = path / "defaults.json"
    file.write_text(json.dumps({"relaybook": 1, "settings": settings}))
    return read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(path / "var"),
            "RELAYBOOK_DATABASE_URL": database_url,
            "RELAYBOOK_MASTER_KEY": "A" * 43 + "=",
            "RELAYBOOK_DEFAULTS_FILE": str(file),
        }
    )


def test_a_start_provisions_what_the_file_holds(empty_store_url: str, tmp_path: Path) -> None:
    prepare(settings_in(tmp_path, empty_store_url, {"id": "acme", **some_fields()}))
    settings = settings_in(tmp_path, empty_store_url, {"id": "acme", **some_fields(debug=True)})
    prepare(settings)
    relaybook = build(settings)

    found = document(relaybook)
    assert found is not None
    assert (found["is_default"], found["version"], found["debug"]) == (True, 2, True)
    assert relaybook.defaults.of("acme") is not None
    relaybook.close()


def test_the_first_start_takes_defaults_that_name_a_provider(
    empty_store_url: str, tmp_path: Path
) -> None:
    auth = {"method": "access_token", "user": "mailer", "provider_id": "exchange-online"}
    default = {"id": "acme", "host": "smtp.acme.example", "auth": auth}
    settings = settings_in(tmp_path, empty_store_url, default)
    with closing(build(settings)) as relaybook, pytest.raises(NotMigrated):
        check(relaybook)
    prepare(settings)

    with closing(build(settings)) as relaybook:
        check(relaybook)
        found = document(relaybook)
        assert found is not None
        assert found["is_default"] is True
        assert [told for told, _ in relaybook.defaults.warnings()] == ["acme"]


def test_a_file_with_mistakes_stops_the_start_before_anything_is_made(tmp_path: Path) -> None:
    database = tmp_path / "relaybook.db"
    settings = settings_in(tmp_path, f"sqlite:///{database}", {"id": "acme", "host": "a:25"})
    with pytest.raises(InvalidDefaults):
        prepare(settings)

    assert not database.exists()
    assert not settings.admin_token_path.exists()
    relaybook = build(settings)
    with pytest.raises(InvalidDefaults):
        check(relaybook)
    relaybook.close()

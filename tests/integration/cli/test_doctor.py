"""What `relaybook doctor` finds: each part sound on both set-ups, and each fault by its name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from events.bus.embedded.bus import embedded_bus, embedded_url
from events.bus.port import BusError, Message, Outgoing
from events.bus.rabbitmq import rabbitmq_version
from events.bus.topology import DEAD_LETTERS, DIRECT
from events.store.sql.engine import make_engine
from services.config_api.bootstrap import examined_servers
from services.config_api.bootstrap.examination import examine
from services.config_api.bootstrap.examined_host import (
    files_finding,
    packages_finding,
    versions_finding,
)
from services.config_api.bootstrap.examined_servers import (
    broker_finding,
    bus_findings,
    clock_finding,
    server_finding,
)
from services.config_api.cli import doctor
from services.config_api.settings import read_settings
from tests.support.relaybook import MASTER_KEY, embedded_house, house, server_house

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import Distribution
    from pathlib import Path

    from services.config_api.settings import Settings
    from tests.support.relaybook import House
    from tests.support.services import PostgresServer

__all__ = ["embedded_house", "house", "server_house"]


def test_every_part_is_examined_and_sound_but_for_what_is_told(house: House) -> None:
    found = {one.part: one for one in examine(house.relaybook.settings)}
    assert set(found) == set(doctor._PARTS)
    # the test's database has one role for everything
    unsound = {part for part, one in found.items() if one.state != "ok"}
    assert unsound <= {"history"}, found


def test_each_finding_that_is_not_well_has_advice() -> None:
    assert set(doctor._ADVICE) | {"durability"} == set(doctor._PARTS)


def module(name: str, path: Path) -> ModuleType:
    made = ModuleType(name)
    made.__path__ = [str(path / name)]
    return made


def test_a_distribution_that_brings_a_package_of_our_name_is_named(tmp_path: Path) -> None:
    packages = [module("events", tmp_path), module("services", tmp_path)]
    ours = {"events": ["relaybook"], "services": ["relaybook"], "flask": ["flask"]}
    assert packages_finding(ours, packages).state == "ok"
    found = packages_finding({**ours, "events": ["relaybook", "events"]}, packages)
    assert (found.state, found.reason, found.detail) == ("wrong", "collision", "events")


def test_packages_from_two_places_are_told(tmp_path: Path) -> None:
    packages = [module("events", tmp_path / "a"), module("services", tmp_path / "b")]
    found = packages_finding({}, packages)
    assert (found.state, found.reason) == ("wrong", "mixed")
    assert str(tmp_path / "a") in found.detail


class Installed:
    def __init__(self, name: str, version: str) -> None:
        self.metadata = {"Name": name}
        self.version = version


def test_other_versions_than_the_tested_ones_are_named() -> None:
    installed: list[Distribution] = [Installed("Flask", "3.0"), Installed("kombu", "5.7")]  # type: ignore[list-item]  # as much of one as is asked for
    assert versions_finding({"flask": "3.0", "kombu": "5.7", "h11": "1"}, installed).state == "ok"
    found = versions_finding({"flask": "3.1", "kombu": "5.7"}, installed)
    assert (found.state, found.detail) == ("warning", "flask 3.0 (3.1)")


def test_files_with_secrets_that_others_can_read_are_named(tmp_path: Path) -> None:
    settings = read_settings({"RELAYBOOK_DATA_DIR": str(tmp_path)})
    token = settings.admin_token_path
    token.write_text("rb_…")
    token.chmod(0o640)
    found = files_finding(settings)
    assert (found.state, found.reason, found.detail) == ("warning", "readable", str(token))
    token.chmod(0o600)
    assert files_finding(settings).state == "ok"


def test_a_database_that_cannot_hold_every_text_is_refused(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.create_like("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    engine = make_engine(url, pool_size=1)
    found = server_finding(engine)
    engine.dispose()
    postgres_server.drop(url)
    assert (found.state, found.reason, found.detail) == ("wrong", "encoding", "LATIN1")


@pytest.mark.parametrize(
    ("bound", "state", "reason"),
    [
        ("_OLDEST_POSTGRESQL", "wrong", "old_postgresql"),
        ("_FEWEST_CONNECTIONS", "warning", "few_places"),
    ],
)
def test_a_server_below_a_bound_is_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, bound: str, state: str, reason: str
) -> None:
    engine = make_engine(postgres_url, pool_size=1)
    assert server_finding(engine).state == "ok"
    monkeypatch.setattr(examined_servers, bound, 100_000)
    found = server_finding(engine)
    engine.dispose()
    assert (found.state, found.reason) == (state, reason)
    assert found.detail


def shifted(**by: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(**by)


def test_a_clock_that_differs_from_the_databases_is_told(postgres_url: str) -> None:
    engine = make_engine(postgres_url, pool_size=1)
    assert clock_finding(engine, shifted()).state == "ok"
    found = clock_finding(engine, shifted(hours=1))
    engine.dispose()
    assert (found.state, found.reason) == ("warning", "clocks_apart")
    assert found.detail.startswith("+3600")


def test_a_clock_that_moved_back_is_told(embedded_house: House) -> None:
    embedded_house.relaybook.access.create_token(
        name="t", roles=["reader"], tenants=None, days=None, ctx=embedded_house.ctx()
    )
    engine = embedded_house.relaybook.engine
    assert clock_finding(engine, embedded_house.watch).state == "ok"
    embedded_house.watch.forward(hours=-1)
    assert clock_finding(engine, embedded_house.watch).reason == "clock_behind"


def test_messages_that_were_given_up_are_counted(tmp_path: Path) -> None:
    bus = embedded_bus(embedded_url(tmp_path / "bus.db"))
    letter = Message(id="m", body=b"{}")
    publisher = bus.publisher()
    publisher.publish(
        [Outgoing(exchange=DIRECT, routing_key=DEAD_LETTERS, message=letter, mandatory=True)]
    )
    publisher.close()
    states = {one.part: (one.state, one.detail) for one in bus_findings(bus, None)}
    assert states == {"bus": ("ok", ""), "broker": ("ok", ""), "dead_letters": ("warning", "1")}


def test_a_broker_says_how_old_it_is(rabbitmq_vhost: str) -> None:
    assert broker_finding(rabbitmq_version(rabbitmq_vhost)).state == "ok"
    assert broker_finding("3.9.29").reason == "old_rabbitmq"
    assert broker_finding("4.1").state == "ok"
    with pytest.raises(BusError, match="does not answer"):
        rabbitmq_version("amqp://guest:guest@127.0.0.1:1//")


def settings_with(tmp_path: Path, **variables: str) -> Settings:
    return read_settings({"RELAYBOOK_DATA_DIR": str(tmp_path), **variables})


def test_without_a_database_key_and_defaults_are_not_blamed_for_it(tmp_path: Path) -> None:
    auth = {"method": "access_token", "user": "mailer", "provider_id": "exchange-online"}
    default = {"id": "acme", "host": "smtp.acme.example", "auth": auth}
    file = tmp_path / "defaults.json"
    file.write_text(json.dumps({"relaybook": 1, "settings": [default]}))
    settings = settings_with(tmp_path / "away", RELAYBOOK_DEFAULTS_FILE=str(file))
    found = {one.part: one.state for one in examine(settings)}
    assert found["database"] == "wrong"
    assert (found["master_key"], found["defaults"]) == ("skipped", "ok")


def test_a_broker_that_is_away_leaves_what_it_holds_unexamined(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = settings_with(
        tmp_path,
        RELAYBOOK_DATABASE_URL=sqlite_url,
        RELAYBOOK_BROKER_URL="amqp://guest:guest@127.0.0.1:1//",
        RELAYBOOK_MASTER_KEY=MASTER_KEY,
    )
    states = {one.part: one.state for one in examine(settings)}
    assert (states["bus"], states["broker"], states["dead_letters"]) == (
        "wrong", "skipped", "skipped"
    )  # fmt: skip

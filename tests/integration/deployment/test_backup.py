"""The drill: back up while it runs, lose everything, restore, prove what is left."""

from __future__ import annotations

import base64
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import make_url

from events.bus.topology import CONNECTION_TESTS
from services.config_api.bootstrap import prepare
from services.config_api.domain.errors import SettingNotFound
from services.config_api.settings import read_settings
from tests.integration.deployment.runbook import typed
from tests.support.asking import register, request_test
from tests.support.processes import wait_until
from tests.support.relaybook import a_house
from tests.support.sealed_log import Kept
from tests.support.services import a_virtual_host, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.relaybook import House
    from tests.support.services import PostgresServer

#: A busy machine takes its time over each of some twenty commands.
pytestmark = pytest.mark.timeout(600)
KEY: Final = base64.b64encode(bytes(range(32, 64))).decode()
PASSWORD: Final = "correct horse"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A machine to lose: its directories, and what survives beside them."""

    root: Path
    database: str
    broker: str | None = None

    @property
    def data_dir(self) -> Path:
        return self.root / "data"

    @property
    def checkpoint(self) -> Path:
        return self.root / "outside" / "log.checkpoint"

    def variables(self) -> dict[str, str]:
        values = {
            "RELAYBOOK_DATA_DIR": str(self.data_dir),
            "RELAYBOOK_DATABASE_URL": self.database,
            "RELAYBOOK_BROKER_URL": self.broker or "",
            "RELAYBOOK_CHECKPOINT_FILE": str(self.checkpoint),
        }
        return values if self.broker is None else values | {"RELAYBOOK_MASTER_KEY": KEY}

    @contextmanager
    def house(self) -> Iterator[House]:
        """Give the service, with the master key of its file where it has one."""
        values = {"RELAYBOOK_MASTER_KEY": "", **self.variables()}
        with a_house(self.database, self.broker, self.data_dir, **values) as house:
            yield house

    def type(self, word: str) -> tuple[int, str]:
        """Type a block of the runbook; return its exit code and what was said."""
        places = {name: str(self.root / name.lower()) for name in ("BACKUP", "KEYS", "AUDITOR")}
        for path in places.values():
            Path(path).mkdir(exist_ok=True)
        owner = make_url(self.database).set(drivername="postgresql")
        places["OWNER"] = owner.render_as_string(hide_password=False)
        done = typed(word, {**self.variables(), **places})
        return done.returncode, done.stdout + done.stderr


def seal(house: House) -> Kept:
    """Seal everything there is, as the relay does."""
    kept = Kept(house.relaybook, house.watch)
    kept.seal()
    return kept


def before_the_loss(place: Place, *, backup: str) -> str:
    """Work, back up under way, and work on; return the id of a test that is still to be done."""
    place.data_dir.mkdir()
    place.checkpoint.parent.mkdir()
    prepare(read_settings(place.variables()))
    with place.house() as house:
        register(house)
        waiting = request_test(house)
        seal(house)
        (place.root / "auditor").mkdir()
        shutil.copy(place.checkpoint, place.root / "auditor" / "checkpoint")
        code, said = place.type(backup)
        assert code == 0, said
        register(house, "globex")
        seal(house)
    shutil.copy(place.checkpoint, place.root / "newest")
    return waiting


def after_the_restore(place: Place, waiting: str) -> None:
    """Prove that what was backed up is whole and goes on, and that what was lost is told."""
    code, said = place.type("$RELAYBOOK_CHECKPOINT_FILE.before")
    assert code == 0, said
    with place.house() as house:
        service = house.relaybook
        read = service.credentials.read("acme", house.ctx())
        assert [one.reveal() for one in read.secrets.values()] == [PASSWORD]
        with pytest.raises(SettingNotFound):
            service.credentials.read("globex", house.ctx())
        house.watch.forward(seconds=31)
        with house.relay():  # nothing is on the new bus but what the store knows to be due
            there = f"{CONNECTION_TESTS}: the test is there"
            wait_until(lambda: service.bus.depth(CONNECTION_TESTS) > 0, seconds=120, what=there)
        service.connection_tests.claim(waiting, 1, house.ctx())
        register(house, "hooli")
        seal(house)
    code, said = place.type("audit verify")
    assert code == 0, said
    shutil.copy(place.root / "newest", place.root / "auditor" / "checkpoint")
    shutil.rmtree(place.root / "backup" / "audit")
    code, said = place.type("audit verify")
    assert code == 1, said  # who holds a checkpoint of the lost time sees that it is gone


def test_sqlite_is_backed_up_and_restored_as_the_runbook_says(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        missing("no sqlite3")
    place = Place(root=tmp_path, database=f"sqlite:///{tmp_path}/data/relaybook.db")
    waiting = before_the_loss(place, backup="VACUUM INTO")
    shutil.rmtree(place.data_dir)
    place.data_dir.mkdir(mode=0o700)
    code, said = place.type("rm -f relaybook.db")
    assert code == 1
    assert "sealed log\twrong" in said
    after_the_restore(place, waiting)
    for name in ("relaybook.db", "master.key"):
        assert (place.data_dir / name).stat().st_mode & 0o077 == 0, name


def test_postgresql_is_backed_up_and_restored_as_the_runbook_says(
    tmp_path: Path, empty_postgres_url: str, postgres_server: PostgresServer, rabbitmq_vhost: str
) -> None:
    if shutil.which("pg_dump") is None:
        missing("no pg_dump")
    place = Place(root=tmp_path, database=empty_postgres_url, broker=rabbitmq_vhost)
    waiting = before_the_loss(place, backup="pg_dump")
    other = postgres_server.create()
    try:
        with a_virtual_host() as vhost:
            restored = Place(root=tmp_path, database=other, broker=vhost)
            code, said = restored.type("pg_restore")
            assert code == 1
            assert "sealed log\twrong" in said
            after_the_restore(restored, waiting)
    finally:
        postgres_server.drop(other)

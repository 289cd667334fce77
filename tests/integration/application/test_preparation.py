from __future__ import annotations

import base64
import os
import threading
from contextlib import closing, contextmanager
from stat import S_IMODE
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from deploy.migrations import migrate as migrate_database
from events.store.sql.engine import make_engine
from events.store.sql.tables import metadata
from services.config_api.bootstrap import NotMigrated, build, check, migrate, prepare, sign_in_url
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from services.config_api.vault.errors import MalformedMasterKey, WrongMasterKey
from tests.support.relaybook import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from events.access import Role
    from services.config_api.settings import Settings


def settings_in(path: Path, **more: str) -> Settings:
    return read_settings({"RELAYBOOK_DATA_DIR": str(path / "var"), **more})


def test_the_first_preparation_makes_all_that_is_needed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    link = prepare(settings)
    assert link is not None
    for path in (
        settings.master_key_path,
        settings.admin_token_path,
        settings.tester_token_path,
        settings.sign_in_link_path,
    ):
        assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert settings.sign_in_link_path.read_text().strip() == sign_in_url(settings, link)
    with closing(build(settings)) as relaybook:
        admin = relaybook.access.principal_of_token(settings.admin_token_path.read_text().strip())
        tester = relaybook.access.principal_of_token(settings.tester_token_path.read_text().strip())
    assert admin is not None
    assert all(admin.may(role) for role in ("admin", "operator", "auditor", "reader"))
    assert not admin.may("credentials")
    assert tester is not None
    assert tester.roles == {"tester"}


def test_preparing_again_keeps_keys_and_tokens(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    prepare(settings)
    kept = [settings.master_key_path, settings.admin_token_path, settings.tester_token_path]
    before = [path.read_bytes() for path in kept]
    prepare(settings)
    assert [path.read_bytes() for path in kept] == before


def test_a_token_of_another_database_is_replaced(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    prepare(settings)
    (settings.data_dir / "relaybook.db").unlink()
    before = settings.admin_token_path.read_text()
    prepare(settings)
    after = settings.admin_token_path.read_text()
    assert after != before
    with closing(build(settings)) as relaybook:
        assert relaybook.access.principal_of_token(after.strip()) is not None


def test_there_is_no_link_once_somebody_signed_in(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    link = prepare(settings)
    assert link is not None
    with closing(build(settings)) as relaybook:
        entered = relaybook.access.sign_in(link.secret.reveal(), context(relaybook.clock()))
        assert entered is not None
    assert prepare(settings) is None
    assert not settings.sign_in_link_path.exists()


def test_a_wrong_master_key_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    prepare(settings)
    other = base64.b64encode(os.urandom(32)).decode()
    with pytest.raises(WrongMasterKey):
        prepare(settings_in(tmp_path, RELAYBOOK_MASTER_KEY=other))


def test_a_database_without_schema_is_refused(empty_postgres_url: str, tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    settings = settings_in(
        tmp_path, RELAYBOOK_DATABASE_URL=empty_postgres_url, RELAYBOOK_MASTER_KEY=key
    )
    with closing(build(settings)) as relaybook:
        with pytest.raises(NotMigrated):
            check(relaybook)
        migrate(settings)
        check(relaybook)


def test_the_schema_is_the_one_that_the_code_describes(empty_store_url: str) -> None:
    migrate_database(empty_store_url)
    engine = make_engine(empty_store_url)
    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_a_closed_service_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    settings = settings_in(tmp_path)
    prepare(settings)
    with closing(build(settings)) as relaybook:
        relaybook.wakeup.signal()
        next(iter(relaybook.live.watch("nobody")))
    assert set(threading.enumerate()) <= before


SETTING = {"id": "acme", "host": "smtp.acme.example"}
WITH_SECRET = {"auth": {"method": "password", "user": "u", "password": "correct horse"}}


def test_with_a_lost_master_key_settings_are_read_and_secrets_are_not(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    prepare(settings)
    token = {"Authorization": f"Bearer {settings.admin_token_path.read_text().strip()}"}
    reader = {"Authorization": f"Bearer {a_token(settings, 'credentials')}"}
    with a_client(settings) as client:
        made = client.post("/v1/smtp-settings", json=SETTING | WITH_SECRET, headers=token)
        assert made.status_code == 201
    away = settings.master_key_path.rename(tmp_path / "away")
    prepare(settings)  # a new key would open nothing, so that none is made
    assert not settings.master_key_path.exists()
    with a_client(settings) as client:
        asked = "/v1/smtp-settings/acme"
        assert client.get(asked, headers=token).status_code == 200
        changed = client.patch(asked, json={"debug": True}, headers=token | {"If-Match": "*"})
        assert changed.status_code == 200
        assert client.get(f"{asked}/credentials", headers=reader).status_code == 503
        new = SETTING | WITH_SECRET | {"id": "globex"}
        assert client.post("/v1/smtp-settings", json=new, headers=token).status_code == 503
        away.rename(settings.master_key_path)
        answer = client.get(f"{asked}/credentials", headers=reader)  # no restart is needed
        assert answer.get_json()["password"] == "correct horse"


def test_without_the_key_of_an_empty_database_nothing_starts(
    store_url: str, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, RELAYBOOK_DATABASE_URL=store_url, RELAYBOOK_MASTER_KEY="lost")
    with closing(build(settings)) as relaybook, pytest.raises(MalformedMasterKey):
        check(relaybook)


def test_on_any_database_a_lost_key_is_called_so(store_url: str, tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    for value in (key, "lost"):
        settings = settings_in(
            tmp_path, RELAYBOOK_DATABASE_URL=store_url, RELAYBOOK_MASTER_KEY=value
        )
        with closing(build(settings)) as relaybook:
            check(relaybook)


def a_token(settings: Settings, role: Role) -> str:
    with closing(build(settings)) as relaybook:
        ctx = context(relaybook.clock())
        made = relaybook.access.create_token(
            name="t", roles=[role], tenants=None, days=None, ctx=ctx
        )
    return made[1].reveal()


@contextmanager
def a_client(settings: Settings) -> Iterator[FlaskClient]:
    with closing(build(settings)) as relaybook:
        check(relaybook)
        yield create_app(relaybook).test_client()

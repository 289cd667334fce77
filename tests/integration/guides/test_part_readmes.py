"""The commands in the READMEs beside each part, typed as they stand there."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.integration.cli.running import Up
from tests.integration.guides.reader import block, environment_of, typed
from tests.support.ports import free_port
from tests.support.processes import is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVICE = "services/config_api/README.md"


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path / "var")
    running.start()
    running.run(
        "settings", "register", "acme", "--host", "smtp.acme.example", "--user", "mailer",
        "--password-file", "-", stdin="secret",
    )  # fmt: skip
    yield running
    running.end()


@contextmanager
def started(up: Up, script: str) -> Iterator[None]:
    """Type what starts processes in the background, and end all of them at the end."""
    shell = subprocess.Popen(
        ["sh", "-eu", "-c", f"{script}\nwait"], cwd=up.data_dir.parent, start_new_session=True,
        env=environment_of(up),
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(30)


@pytest.mark.timeout(300)
def test_settings_are_compared_applied_restored_and_sealed_as_the_readme_says(up: Up) -> None:
    for name in ("two", "three", "four", "five"):
        up.run("settings", "update", "acme", "--x-mailer", name)
    folder = up.data_dir.parent
    typed(up, "relaybook export -o settings.yaml")
    passphrase = folder / "passphrase"
    passphrase.write_text("correct horse battery")
    script = block(_SERVICE, "relaybook settings apply")
    asked = "--ask-passphrase"  # no terminal here
    assert asked in script
    given = f"--passphrase-file {passphrase}"
    sealed = script.replace(asked, given).replace("--mode update", f"{given} --mode update")
    roles = "--role operator --role auditor --role credentials"
    token = typed(up, f"relaybook tokens create --name files {roles}").strip()
    told = typed(up, sealed.replace("eval ", "bash -c "), RELAYBOOK_TOKEN=token)
    assert "EMAIL_HOST" in told
    assert "relaybook.smtp_setting.restored" in told
    assert (folder / "settings.json.age").read_bytes().startswith(b"age-encryption.org/v1")


@pytest.mark.timeout(300)
def test_keys_are_shown_changed_and_destroyed_as_the_readme_says(up: Up) -> None:
    script = block(_SERVICE, "relaybook keys rotate")
    told = typed(up, script.replace("shred acme", "shred acme --yes"))
    assert "in use" in told
    assert up.run("settings", "get", "acme").returncode == 0
    assert "Enter the password" in up.run("test", "acme").stdout


@pytest.mark.timeout(300)
def test_a_webhook_is_registered_as_the_readme_says(up: Up) -> None:
    script = block(_SERVICE, "/v1/webhooks").replace("http://127.0.0.1:8587", up.url)
    token = (up.data_dir / "admin.token").read_text().strip()
    made = json.loads(typed(up, script, TOKEN=token))
    assert made["id"] == "chat"
    assert made["secret"].startswith("whsec_")


def test_a_provider_for_signing_in_is_named_as_the_readme_says(tmp_path: Path) -> None:
    secret = tmp_path / "oidc.secret"
    secret.write_text("secret of the client")
    lines = block(_SERVICE, "RELAYBOOK_OIDC_ISSUER").replace(
        "/etc/relaybook/oidc.secret", str(secret)
    )
    told = typed(Up(tmp_path / "var"), f"set -a\n{lines}\nrelaybook config")
    assert "https://id.example.com/realms/staff" in told
    assert "secret of the client" not in told


@pytest.mark.timeout(300)
def test_processes_on_postgresql_and_rabbitmq_are_started_as_the_readme_says(
    tmp_path: Path, postgres_url: str, rabbitmq_vhost: str
) -> None:
    places = tmp_path / "etc"
    places.mkdir()
    script = block("deploy/README.md", "relaybook relay &").replace("/etc/relaybook", str(places))
    servers = {"DATABASE": postgres_url, "BROKER": rabbitmq_vhost}
    for name, url in servers.items():
        script = re.sub(rf"(?m)^(export RELAYBOOK_{name}_URL=).*$", rf"\1'{url}'", script)
    port = free_port()
    reader = Up(tmp_path / "var", variables={"RELAYBOOK_BIND": f"127.0.0.1:{port}"}, port=port)
    host = {
        "RELAYBOOK_DATABASE_URL": postgres_url,
        "RELAYBOOK_MASTER_KEY_FILE": str(places / "master.key"),
    }
    with started(reader, script):
        wait_until(lambda: is_ready(reader.url), seconds=60, what="serve")
        token = typed(reader, "relaybook tokens create --role operator --name ops", **host).strip()
        here = ("--host", "127.0.0.1", "--port", "25")
        reader.run("settings", "register", "acme", *here, RELAYBOOK_TOKEN=token)
        tested = reader.run("test", "acme", RELAYBOOK_TOKEN=token)
        assert "address_not_allowed" in tested.stdout, tested.stderr


@pytest.mark.timeout(300)
def test_two_roles_are_made_as_the_readme_says(tmp_path: Path, postgres_url: str) -> None:
    server = make_url(postgres_url)
    own = f"rb_{secrets.token_hex(4)}"
    script = "\n".join(
        re.sub(r"\brelaybook(_owner)?\b", rf"{own}\1", line)
        if line.startswith(("createuser", "export"))
        else line
        for line in block("deploy/README.md", "createuser").splitlines()
    ).replace("@127.0.0.1/", f"@{server.host}:{server.port or 5432}/")
    account = {
        "PGHOST": str(server.host),
        "PGPORT": str(server.port or 5432),
        "PGUSER": str(server.username),
        "PGPASSWORD": str(server.password or ""),
    }
    reader = Up(tmp_path / "var", variables={"RELAYBOOK_MASTER_KEY": MASTER_KEY})
    reader.data_dir.mkdir(mode=0o700)
    try:
        assert "ok" in typed(reader, script, **account)
    finally:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {own}"))
            connection.execute(text(f"DROP ROLE IF EXISTS {own}"))
            connection.execute(text(f"DROP ROLE IF EXISTS {own}_owner"))
        engine.dispose()

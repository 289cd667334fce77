"""Connection tests through the API against a real Dovecot and a real Postfix.

Once on SQLite with the embedded bus and once on PostgreSQL with RabbitMQ.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.integration.cli.running import Up
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.smtp.dovecot import Dovecot
    from tests.support.smtp.postfix import Postfix

pytest_plugins = ["tests.support.smtp.fixtures"]


@pytest.fixture(params=["embedded", "servers"])
def up(
    request: pytest.FixtureRequest, tmp_path: Path, dovecot_submission: Dovecot, postfix: Postfix
) -> Iterator[Up]:
    servers = (dovecot_submission, postfix)
    ports = [port for one in servers for port in (one.starttls_port, one.implicit_port)]
    variables = {"RELAYBOOK_PROBE_ALLOW": ",".join(f"127.0.0.1/32:{port}" for port in ports)}
    if request.param == "servers":
        variables["RELAYBOOK_DATABASE_URL"] = request.getfixturevalue("empty_postgres_url")
        variables["RELAYBOOK_BROKER_URL"] = request.getfixturevalue("rabbitmq_vhost")
        variables["RELAYBOOK_MASTER_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()
    one = Up(tmp_path / "var", variables=variables)
    one.start()
    yield one
    assert one.end() == 0, one.log


@pytest.fixture
def client(up: Up) -> Iterator[httpx.Client]:
    token = (up.data_dir / "admin.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=up.url, headers=headers, trust_env=False) as one:
        yield one


def concluded(client: httpx.Client, server: Dovecot | Postfix, **over: Any) -> Any:
    """Register a setting, test it and return the test's conclusion."""
    setting_id = f"t{over['port']}-{over['security']}-{len(over['password'])}"
    auth = {"method": "password", "user": server.user, "password": over.pop("password")}
    setting = {"id": setting_id, "host": "127.0.0.1", "auth": auth, **over}
    setting["ca_pem"] = server.authority.pem
    client.post("/v1/smtp-settings", json=setting).raise_for_status()
    asked = client.post("/v1/connection-tests", json={"setting_id": setting_id})
    asked.raise_for_status()
    where = asked.headers["Location"]

    def ended() -> bool:
        return bool(client.get(where).json()["state"] == "completed")

    wait_until(ended, seconds=30, what="the test ends")
    return client.get(where).json()


def test_right_and_wrong_passwords_are_told_apart_over_both_kinds_of_tls(
    client: httpx.Client, dovecot_submission: Dovecot, postfix: Postfix
) -> None:
    for server in (dovecot_submission, postfix):
        for security, port in (
            ("starttls", server.starttls_port),
            ("implicit_tls", server.implicit_port),
        ):
            where = {"security": security, "port": port}
            good = concluded(client, server, password=server.password, **where)
            assert (good["verdict"], good["code"]) == ("passed", "ok"), good
            assert good["tls"]["version"] in {"TLSv1.2", "TLSv1.3"}
            bad = concluded(client, server, password="wrong", **where)
            assert (bad["verdict"], bad["step"], bad["code"]) == (
                "failed",
                "auth",
                "bad_credentials",
            ), bad
            assert bad["reply"]["code"] == 535

"""`relaybook up` on PostgreSQL and RabbitMQ: the same program, two variables."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.cli.running import Up


def test_the_demo_runs_on_postgresql_and_rabbitmq(
    up: Up, postgres_url: str, rabbitmq_vhost: str
) -> None:
    up.variables = {
        "RELAYBOOK_DATABASE_URL": postgres_url,
        "RELAYBOOK_BROKER_URL": rabbitmq_vhost,
        "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    }
    up.start("--demo")
    done = up.run("test", "demo", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"] == "ok"
    assert json.loads(up.run("projections", "rebuild", "--json").stdout)["differing"] == 0
    assert not (up.data_dir / "relaybook.db").exists()
    assert up.end() == 0

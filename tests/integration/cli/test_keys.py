"""The keys of a running service: rotated under it, and a tenant's destroyed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.integration.cli.running import rows
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from tests.integration.cli.running import Up


def _status(up: Up) -> list[str]:
    (row,) = rows(up.run("keys", "status").stdout)
    return row


def test_a_rotation_leaves_the_running_service_at_work(up: Up) -> None:
    up.start("--demo")
    # The keys of four tenants, and the one of the log, which is made when it is sealed first.
    wait_until(lambda: _status(up)[1] == "5", seconds=30, what="the log has its key")
    before = _status(up)
    assert before[1:] == ["5", "in use"]
    old = (up.data_dir / "master.key").read_text()
    rotated = up.run("keys", "rotate")
    assert (rotated.returncode, rotated.stdout) == (0, ""), rotated.stderr
    assert "wraps the keys of 5 tenants" in rotated.stderr
    assert (up.data_dir / "master.key").read_text() not in {"", old}
    (after,) = json.loads(up.run("keys", "status", "--json").stdout)["items"]
    assert (after["count"], after["wraps"], after["needed"]) == (5, True, True)
    assert after["id"] != before[0]

    tested = up.run("test", "demo")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    later = ("settings", "register", "later", "--host", "smtp.acme.example", "--user", "mailer")
    assert up.run(*later, "--password-file", "-", stdin="geheim\n").returncode == 0
    assert json.loads(up.run("keys", "status", "--json").stdout)["items"][0]["count"] == 6

    assert up.run("keys", "shred", "demo").returncode == 2
    assert up.run("keys", "shred", "demo", "--yes").returncode == 0
    lost = up.run("test", "demo")
    assert lost.returncode == 1
    assert up.run("keys", "shred", "nobody", "--yes").returncode == 1
    types = up.run("events", "list").stdout
    assert "key.rotated" in types
    assert "key.shredded" in types


def test_one_key_from_the_environment_is_not_rotated(up: Up) -> None:
    up.variables = {"RELAYBOOK_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
    up.start()
    refused = up.run("keys", "rotate")
    assert refused.returncode == 1
    assert "RELAYBOOK_MASTER_KEY holds one key only." in refused.stderr

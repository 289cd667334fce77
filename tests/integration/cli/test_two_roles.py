"""PostgreSQL with an owner that migrates and an application that can only add to the history."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from events.store.sql.engine import make_engine
from tests.integration.cli.running import SAMPLE

if TYPE_CHECKING:
    from tests.integration.cli.running import Up

REFUSED = (
    "UPDATE events SET actor = 'user:mallory'",
    "DELETE FROM events",
    "TRUNCATE events",
    "DROP TRIGGER events_insert_only ON events",
    "ALTER TABLE events DISABLE TRIGGER events_insert_only",
    "CREATE TRIGGER mine BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_floor()",
    "CREATE OR REPLACE FUNCTION events_insert_only() RETURNS trigger LANGUAGE sql AS ''",
)


def part(up: Up, name: str) -> dict[str, Any]:
    """Return what `relaybook doctor` says of one part."""
    items = json.loads(up.run("doctor", "--json").stdout)["items"]
    (found,) = (item for item in items if item["part"] == name)
    return dict(found)


@pytest.fixture
def two(up: Up, empty_postgres_url: str, application_url: str, rabbitmq_vhost: str) -> Up:
    """`relaybook up` that migrates as the owner and works as the application."""
    up.variables = {
        "RELAYBOOK_DATABASE_URL": application_url,
        "RELAYBOOK_MIGRATION_DATABASE_URL": empty_postgres_url,
        "RELAYBOOK_BROKER_URL": rabbitmq_vhost,
        "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    }
    return up


def test_the_whole_job_is_done_without_the_owners_rights(two: Up, application_url: str) -> None:
    two.start("--demo")
    for line in (
        ("settings", "register", "acme", "--host", "smtp.acme.example"),
        ("settings", "update", "acme", "--port", "465", "--security", "implicit_tls"),
        ("settings", "restore", "acme", "--version", "1"),
        ("import", str(SAMPLE), "--mode", "update"),
        ("test", "demo"),
        ("users", "create", "mika", "--role", "auditor", "--password-file", "-"),
        ("tokens", "create", "--role", "reader", "--name", "crm"),
        ("settings", "delete", "acme", "--yes"),
        ("keys", "shred", "demo", "--yes"),
    ):
        done = two.run(*line, stdin="nine-lives-of-a-cat")
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    owner = make_engine(two.variables["RELAYBOOK_MIGRATION_DATABASE_URL"])
    with owner.begin() as connection:
        connection.execute(text("UPDATE smtp_settings SET version = 0 WHERE id = 'demo'"))
    owner.dispose()
    assert part(two, "projections")["state"] == "wrong"
    assert "projections rebuild" in part(two, "projections")["advice"]
    rebuilt = two.run("projections", "rebuild", "--json")
    assert json.loads(rebuilt.stdout)["differing"] == 1, rebuilt.stderr
    assert two.run("projections", "rebuild").returncode == 0
    refused_as(application_url)
    assert two.run("doctor").returncode == 0
    assert part(two, "history")["state"] == "ok"
    assert two.end() == 0


def refused_as(url: str) -> None:
    """Try what would change history, as the service's own role."""
    engine = make_engine(url)
    for statement in REFUSED:
        with pytest.raises(ProgrammingError) as refused, engine.begin() as connection:
            connection.execute(text(statement))
        assert "must be owner" in str(refused.value) or "permission denied" in str(refused.value)
    engine.dispose()


def test_the_doctor_tells_where_only_triggers_protect_history(
    two: Up, empty_postgres_url: str
) -> None:
    two.variables = {**two.variables, "RELAYBOOK_DATABASE_URL": empty_postgres_url}
    assert part(two, "schema")["state"] == "wrong"
    assert two.run("migrate").returncode == 0
    told = part(two, "history")
    assert told["state"] == "warning"
    assert "RELAYBOOK_MIGRATION_DATABASE_URL" in told["advice"]
    said = two.run("doctor")
    assert "history\twarning\t" in said.stdout
    assert "RELAYBOOK_MIGRATION_DATABASE_URL" in said.stderr


def test_the_doctor_names_what_is_wrong_and_goes_on(two: Up) -> None:
    address = make_url(two.variables["RELAYBOOK_DATABASE_URL"]).set(port=1)
    two.variables = {
        **two.variables,
        "RELAYBOOK_DATABASE_URL": address.render_as_string(hide_password=False),
        "RELAYBOOK_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//",
    }
    done = two.run("doctor", "--json")
    assert done.returncode == 1
    states = {item["part"]: item["state"] for item in json.loads(done.stdout)["items"]}
    assert states["database"] == states["bus"] == "wrong"
    assert states["schema"] == states["history"] == "skipped"
    assert "RELAYBOOK_DATABASE_URL" in part(two, "database")["advice"]


def test_the_doctor_of_an_embedded_set_up(up: Up) -> None:
    up.start()
    done = up.run("doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert {item["state"] for item in json.loads(done.stdout)["items"]} == {"ok"}
    (up.data_dir / "master.key").write_text(base64.b64encode(bytes(range(32))).decode())
    assert part(up, "master_key")["state"] == "wrong"
    assert part(up, "defaults")["state"] == "ok"

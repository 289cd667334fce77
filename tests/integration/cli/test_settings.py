from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.cli.running import rows, setting
from tests.support.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.cli.running import Up


def registered(demo: Up, setting_id: str, *options: str) -> None:
    done = demo.run("settings", "register", setting_id, "--host", "smtp.acme.example", *options)
    assert done.returncode == 0, done.stderr


def stored(demo: Up, setting_id: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(demo.run("settings", "get", setting_id, "--json").stdout)
    return found


def test_a_setting_is_registered_with_its_password_from_stdin(demo: Up) -> None:
    done = demo.run(
        "settings", "register", "one", "--host", "smtp.acme.example", "--user", "mailer",
        "--password-file", "-", stdin="geheim\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Registered one." in done.stderr
    assert "auth.method: password" in done.stdout
    assert "secret: stored" in done.stdout
    assert "geheim" not in done.stdout + done.stderr


def test_a_document_is_registered_from_a_file(demo: Up, tmp_path: Path) -> None:
    file = tmp_path / "two.json"
    file.write_text(json.dumps(setting(port=2525, x_mailer="経理部メール")))
    done = demo.run("settings", "register", "two", "-f", str(file), "--port", "587", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["x_mailer"] == "経理部メール"
    assert json.loads(done.stdout)["port"] == 587


def test_options_change_their_fields_and_leave_the_others(demo: Up) -> None:
    registered(demo, "three", "--x-mailer", "Relaybook", "--timeout", "5000")
    done = demo.run("settings", "update", "three", "--port", "2525", "--clear", "x-mailer")
    assert done.returncode == 0, done.stderr
    found = stored(demo, "three")
    assert (found["port"], found["x_mailer"], found["timeout_ms"]) == (2525, None, 5000)
    assert found["version"] == 2
    again = demo.run("settings", "update", "three", "--port", "2525")
    assert "Nothing changed." in again.stderr
    assert stored(demo, "three")["version"] == 2


def test_a_document_replaces_the_whole_setting(demo: Up) -> None:
    registered(demo, "four", "--x-mailer", "Relaybook")
    done = demo.run("settings", "update", "four", "-f", "-", stdin=json.dumps(setting()))
    assert done.returncode == 0, done.stderr
    assert stored(demo, "four")["x_mailer"] is None


def test_a_change_based_on_an_old_version_is_refused(demo: Up) -> None:
    registered(demo, "five")
    demo.run("settings", "update", "five", "--port", "2525")
    done = demo.run("settings", "update", "five", "--port", "465", "--if-version", "1")
    assert done.returncode == 1
    assert "It was changed meanwhile" in done.stderr


def test_a_password_does_not_follow_to_another_host(demo: Up) -> None:
    done = demo.run(
        "settings", "register", "six", "--host", "smtp.acme.example", "--user", "mailer",
        "--password-file", "-", stdin="geheim",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    moved = demo.run("settings", "update", "six", "--host", "evil.example", "--json")
    assert moved.returncode == 1
    assert json.loads(moved.stderr)["type"] == "urn:relaybook:problem:secret-required"
    dropped = demo.run("settings", "update", "six", "--host", "evil.example", "--clear", "password")
    assert dropped.returncode == 0, dropped.stderr
    assert stored(demo, "six")["secret"] != "stored"


def test_deletion_asks_where_somebody_can_answer_and_wants_yes_elsewhere(demo: Up) -> None:
    registered(demo, "seven")
    asked = demo.run("settings", "delete", "seven")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    done = demo.run("settings", "delete", "seven", "--yes")
    assert done.returncode == 0, done.stderr
    gone = demo.run("settings", "get", "seven", "--lang", "ja")
    assert gone.returncode == 1
    assert "設定 seven はありません" in gone.stderr


def test_what_is_wrong_is_told_field_by_field(demo: Up) -> None:
    document = json.dumps({"host": "http://smtp.acme.example", "port": 0})
    done = demo.run("settings", "register", "eight", "-f", "-", stdin=document)
    assert done.returncode == 1
    assert "/host:" in done.stderr
    assert "/port:" in done.stderr


def test_the_list_is_read_to_its_end_or_to_the_limit(demo: Up) -> None:
    registered(demo, "list-a")
    registered(demo, "list-b")
    assert [row[0] for row in rows(demo.run("settings", "list", "--q", "list-").stdout)] == [
        "list-a",
        "list-b",
    ]
    assert len(rows(demo.run("settings", "list", "--limit", "1").stdout)) == 1
    assert "No settings." in demo.run("settings", "list", "--q", "nobody").stderr


def test_tokens_are_made_on_the_host_and_used_over_http(demo: Up) -> None:
    made = demo.run("tokens", "create", "--role", "reader", "--name", "billing", "--tenant", "demo")
    assert made.returncode == 0, made.stderr
    token = made.stdout.removesuffix("\n")
    assert token.startswith("rb_")
    assert "\n" not in token
    seen = demo.run("settings", "list", RELAYBOOK_TOKEN=token)
    assert [row[0] for row in rows(seen.stdout)] == ["demo"]
    assert demo.run("settings", "delete", "demo", "--yes", RELAYBOOK_TOKEN=token).returncode == 1
    found = {row[1]: row for row in rows(demo.run("tokens", "list").stdout)}
    assert found["billing"][2:4] == ["reader", "demo"]
    assert demo.run("tokens", "revoke", found["billing"][0]).returncode == 0
    refused = demo.run("settings", "list", RELAYBOOK_TOKEN=token)
    assert refused.returncode == 1
    assert "RELAYBOOK_TOKEN" in refused.stderr
    assert demo.run("tokens", "revoke", "nobody").returncode == 1


def test_users_are_made_on_the_host_and_sign_in_by_password(demo: Up, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    create = ("users", "create", "alice", "--role", "operator", "--tenant", "demo")
    made = demo.run(*create, "--password-file", str(password))
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    assert "alice may sign in now." in made.stderr
    form = {"user": "alice", "password": "correct horse battery"}
    with httpx.Client(base_url=demo.url, trust_env=False) as client:
        entered = client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert entered.headers["Location"] == "/settings"
        assert client.get("/v1/me").json()["actor"] == "user:alice"
        assert demo.run(*create, "--password-file", str(password)).returncode == 1
        (row,) = rows(demo.run("users", "list").stdout)
        assert row[:3] == ["alice", "operator", "demo"]
        assert demo.run("users", "revoke", "alice").returncode == 0
        assert client.get("/v1/me").status_code == 401
    assert json.loads(demo.run("users", "list", "--json").stdout)["items"][0]["revoked_at"]
    assert demo.run("users", "revoke", "nobody").returncode == 1


def test_a_user_without_a_good_password_is_not_made(demo: Up, tmp_path: Path) -> None:
    asked = demo.run("users", "create", "bob", "--role", "reader")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "--password-file" in asked.stderr
    short = tmp_path / "password"
    short.write_text("short")
    refused = demo.run("users", "create", "b b", "--role", "reader", "--password-file", str(short))
    assert refused.returncode == 2
    assert "/name: " in refused.stderr
    assert "/password: A password has at least 12 characters." in refused.stderr


def test_the_configuration_shows_no_secret(demo: Up) -> None:
    shown = demo.run("config", RELAYBOOK_TOKEN="rb_geheim").stdout
    found = {row[0]: row[1:] for row in rows(shown)}
    assert found["RELAYBOOK_TOKEN"] == ["***", "environment"]
    assert found["RELAYBOOK_DATA_DIR"] == [str(demo.data_dir), "environment"]


def test_the_description_of_the_api_is_the_one_that_is_served(demo: Up) -> None:
    printed = json.loads(demo.run("openapi").stdout)
    assert printed["openapi"].startswith("3.1")
    assert "/v1/smtp-settings" in printed["paths"]


def test_the_description_of_the_bus_is_the_one_that_is_served(demo: Up) -> None:
    printed = json.loads(demo.run("asyncapi").stdout)
    assert printed == httpx.get(f"{demo.url}/v1/asyncapi.json", trust_env=False).json()


def test_the_versions_are_told(demo: Up) -> None:
    versions = json.loads(demo.run("version", "--json").stdout)
    assert {"relaybook", "python", "sqlalchemy"} <= versions.keys()


def test_proxy_variables_do_not_lead_the_token_elsewhere(demo: Up) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    variables = {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    done = demo.run("settings", "get", "demo", **variables)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [["settings", "list"], ["test", "demo"], ["events", "tail"]])
def test_a_service_that_is_away_is_69(demo: Up, line: list[str]) -> None:
    done = demo.run(*line, RELAYBOOK_URL=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 69
    assert "RELAYBOOK_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_token_says_where_it_was_looked_for(demo: Up, tmp_path: Path) -> None:
    done = demo.run("settings", "list", RELAYBOOK_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path / "admin.token") in done.stderr

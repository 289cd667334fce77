"""The defaults file through `relaybook up`, as an operator meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.integration.cli.running import Up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


WITH_PASSWORD = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": {"method": "password", "user": "mailer", "password": "correct horse"},
}
FALLBACK = {"id": "default", "host": "smtp.fallback.example", "security": "none"}


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(
        tmp_path / "there" / "var",
        variables={"RELAYBOOK_DEFAULTS_FILE": str(tmp_path / "defaults.json")},
    )
    yield running
    if running.process is not None and running.process.poll() is None:
        running.end()


def write(up: Up, *settings: dict[str, Any]) -> None:
    text = json.dumps({"relaybook": 1, "settings": settings})
    (up.data_dir.parent.parent / "defaults.json").write_text(text)


def ask(up: Up, method: str, path: str, **more: Any) -> httpx.Response:
    token = (up.data_dir / "admin.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return httpx.request(
        method, f"{up.url}/v1/{path}", headers=headers, timeout=30, trust_env=False, **more
    )


def setting(up: Up, setting_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(up, "GET", f"smtp-settings/{setting_id}").json()
    return found


def test_defaults_are_there_when_it_is_ready_and_follow_the_file(up: Up) -> None:
    write(up, WITH_PASSWORD, FALLBACK)
    up.start()
    assert setting(up, "acme")["is_default"] is True
    assert setting(up, "nobody/effective")["resolved_from"] == "default"
    refused = ask(up, "DELETE", "smtp-settings/acme", headers={"If-Match": "*"})
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("default-protected")

    patch = {"x_mailer": "own"}
    ask(up, "PATCH", "smtp-settings/acme", headers={"If-Match": "*"}, json=patch)
    assert setting(up, "acme")["is_default"] is False
    gone = ask(up, "DELETE", "smtp-settings/acme", headers={"If-Match": "*"})
    assert gone.status_code == 204
    back = setting(up, "acme")
    assert (back["is_default"], back["x_mailer"], back["version"]) == (True, None, 4)

    assert up.end() == 0
    write(up, {**WITH_PASSWORD, "x_mailer": "file"})
    up.start()
    assert (setting(up, "acme")["x_mailer"], setting(up, "acme")["version"]) == ("file", 5)
    assert ask(up, "GET", "smtp-settings/default").status_code == 404
    assert "correct horse" not in up.told + up.log


def test_a_file_with_mistakes_stops_the_start_and_names_them_all(up: Up) -> None:
    write(
        up, {**FALLBACK, "host": "http://smtp.fallback.example"}, {"id": "b", "host": "b", "x": 1}
    )
    for command in (["up", "--bind", f"127.0.0.1:{up.port}"], ["serve"], ["relay"]):
        if command == ["serve"]:
            assert up.run("migrate").returncode == 0
        done = up.run(*command)
        assert done.returncode == 2, done.stderr
        assert "default /host: " in done.stderr
        assert "b /x: " in done.stderr
    japanese = up.run("up", "--bind", f"127.0.0.1:{up.port}", RELAYBOOK_LANG="ja")
    assert "規定の設定ファイル" in japanese.stderr
    assert "この名前の項目はありません。" in japanese.stderr


def test_a_file_that_cannot_be_read_stops_the_start(up: Up) -> None:
    done = up.run("up", "--bind", f"127.0.0.1:{up.port}")
    assert (done.returncode, "RELAYBOOK_DEFAULTS_FILE" in done.stderr) == (2, True)

    (up.data_dir.parent.parent / "defaults.json").write_text("{")
    done = up.run("up", "--bind", f"127.0.0.1:{up.port}")
    assert (done.returncode, "line 1" in done.stderr) == (2, True)

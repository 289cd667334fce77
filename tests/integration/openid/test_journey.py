"""The whole way with a provider that others wrote, `relaybook serve`, and a browser between."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from pathlib import Path

_START_SECONDS = 60.0
_PERSON = {"email": "carol@example.com", "email_verified": True, "groups": ["mail-admins"]}


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[str]:
    """A provider that knows registered clients only and insists on a nonce."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "-p",
        str(port),
        "-r",
        "true",
        "-n",
        "true",
    ]
    logs = tmp_path / "provider"
    logs.mkdir()
    with Processes({"AUTHLIB_INSECURE_TRANSPORT": "1"}, logs) as processes:
        processes.start(command)
        wait_until(lambda: _answers(url), seconds=_START_SECONDS, what="the provider answers")
        yield url


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/jwks", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _registered(issuer: str, service: str) -> dict[str, Any]:
    body = {"redirect_uris": [f"{service}/sign-in/openid/callback"]}
    answer = httpx.post(f"{issuer}/oauth2/clients", json=body, trust_env=False)
    assert answer.status_code == 201, answer.text
    client: dict[str, Any] = answer.json()
    return client


@pytest.fixture
def service(issuer: str, store_url: str, tmp_path: Path) -> Iterator[str]:
    bind = f"127.0.0.1:{free_port()}"
    url = f"http://{bind}"
    client = _registered(issuer, url)
    values = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": store_url,
        "RELAYBOOK_BIND": bind,
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        "RELAYBOOK_PROBE_ALLOW": "127.0.0.1/32:*",
        "RELAYBOOK_OIDC_ISSUER": issuer,
        "RELAYBOOK_OIDC_CLIENT_ID": client["client_id"],
        "RELAYBOOK_OIDC_CLIENT_SECRET": client["client_secret"],
        "RELAYBOOK_OIDC_ROLES": "groups=mail-admins:admin,email=dave@example.com:reader",
    }
    prepare(read_settings(values))
    with Processes(values, tmp_path) as processes:
        processes.start([*RELAYBOOK, "serve"])
        wait_until(lambda: is_ready(url), seconds=_START_SECONDS, what="the service is ready")
        yield url
    log = (tmp_path / "0.log").read_text()
    assert client["client_secret"] not in log
    assert "code=" not in log


def _sign_in(browser: httpx.Client, service: str, person: str) -> httpx.Response:
    """Click the button, agree at the provider, and follow the way back."""
    page = browser.get(f"{service}/sign-in").text
    button = re.search(r'href="(/sign-in/openid)">Sign in with 127\.0\.0\.1:\d+<', page)
    assert button is not None
    there = browser.get(service + button[1])
    form = browser.get(there.headers["Location"])
    assert form.status_code == 200
    back = browser.post(there.headers["Location"], data={"sub": person})
    assert back.headers["Location"].startswith(f"{service}/sign-in/openid/callback?")
    return browser.get(back.headers["Location"])


def test_a_person_comes_in_works_and_leaves(issuer: str, service: str) -> None:
    httpx.put(f"{issuer}/users/carol", json=_PERSON, trust_env=False).raise_for_status()
    with httpx.Client(trust_env=False) as browser:
        assert _sign_in(browser, service, "carol").headers["Location"] == "/settings"
        settings = browser.get(f"{service}/settings").text
        assert ">carol@example.com<" in settings
        me = browser.get(f"{service}/v1/me").json()
        assert (me["actor"], me["roles"]) == ("openid:carol", ["admin"])
        token = re.search(r'name="csrf_token" value="([^"]+)"', settings)
        assert token is not None
        made = browser.post(
            f"{service}/v1/smtp-settings",
            json={"id": "acme", "host": "smtp.acme.example"},
            headers={"X-CSRF-Token": token[1]},
        )
        assert made.status_code == 201
        made_by = browser.get(f"{service}/v1/events", params={"subject": "smtp_setting/acme"})
        assert [event["actor"] for event in made_by.json()["items"]] == ["openid:carol"]
        browser.post(f"{service}/sign-out", data={"csrf_token": token[1]})
        assert browser.get(f"{service}/v1/me").status_code == 401


def test_a_person_without_a_rule_is_told_what_was_looked_at(issuer: str, service: str) -> None:
    with httpx.Client(trust_env=False) as browser:
        answer = _sign_in(browser, service, "dave@example.com")  # nobody verified the address
        assert answer.status_code == 403
        assert "These claims were looked at: email, groups" in answer.text
        assert browser.get(f"{service}/v1/me").status_code == 401

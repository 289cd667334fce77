"""Webhooks by their pages: the secret shown once, what was told, replayed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.web.in_process import a_service, said
from tests.support.relaybook import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.http.asking import Asker, Service

FORM = {
    "id": "hook",
    "name": "Operations chat",
    "url": "https://hooks.acme.example/in",
    "types": "smtp_setting.*\nalert.*",
    "tenants": "acme globex",
    "active": "yes",
}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("pages"), sqlite_template) as service:
        yield service


@pytest.fixture(scope="module")
def ask(service: Service) -> Asker:
    return service.asker("admin")


def test_a_webhook_from_its_form_to_its_end(service: Service, ask: Asker) -> None:
    assert "There are no webhooks yet." in said(ask("GET", "/webhooks"))
    refused = ask("POST", "/webhooks/new", data=FORM | {"url": "", "types": "nothing"})
    assert refused.status_code == 422
    assert "No message has such a type" in said(refused, 422)
    registered = ask("POST", "/webhooks/new", data=FORM).get_data(as_text=True)
    (secret,) = SECRET.findall(registered)
    page = ask("GET", "/webhooks/hook").get_data(as_text=True)
    assert not SECRET.search(page)
    assert "Nothing was sent yet." in page
    assert "acme\nglobex" in page
    assert "Operations chat" in said(ask("GET", "/webhooks"))

    assert ask("POST", "/webhooks/hook/ping").status_code == 302
    page = said(ask("GET", "/webhooks/hook"))
    assert "webhook.ping" in page
    assert "Replay all parked" not in page
    service.relaybook.webhooks.deliveries.park_pending("hook", "unreachable")
    page = said(ask("GET", "/webhooks/hook?state=parked"))
    assert "The endpoint cannot be reached." in page
    assert "Replay all parked" in page
    assert "parked" in said(ask("GET", "/status"))
    (waiting,) = service.relaybook.webhooks.deliveries.page("hook", "parked", None, 10)
    assert ask("POST", "/webhooks/hook/replay").status_code == 302
    assert service.relaybook.webhooks.deliveries.find("hook", waiting.id).state == "pending"
    again = ask("POST", "/webhooks/hook/replay", data={"delivery": waiting.id})
    assert again.status_code == 302
    assert ask("GET", "/webhooks/hook?before=nonsense&state=lost").status_code == 200

    stale = ask("POST", "/webhooks/hook", data=FORM | {"version": "9"})
    assert stale.status_code == 412
    changed = ask("POST", "/webhooks/hook", data=FORM | {"version": "1", "tenants": ""})
    assert changed.headers["Location"] == "/webhooks/hook"
    renewed = ask("POST", "/webhooks/hook", data=FORM | {"version": "2", "renew": "yes"})
    (other,) = SECRET.findall(renewed.get_data(as_text=True))
    assert other != secret
    assert ask("POST", "/webhooks/hook/delete", data={"version": "1"}).status_code == 412
    assert ask("POST", "/webhooks/hook/delete", data={"version": "3"}).status_code == 302
    assert ask("GET", "/webhooks/hook").status_code == 404


def test_a_webhook_that_is_gone_says_so(service: Service, ask: Asker) -> None:
    ask("POST", "/webhooks/new", data=FORM | {"id": "gone"})
    commands = service.relaybook.webhooks.commands
    assert commands.load("gone").version == 1
    commands.disable("gone", FORM["url"], context(service.relaybook.clock()))
    page = said(ask("GET", "/webhooks/gone"))
    assert "answered that it is gone (410)" in page
    assert "Send a test message" not in page
    assert "gone" in said(ask("GET", "/webhooks"))

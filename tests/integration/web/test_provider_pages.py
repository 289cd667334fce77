"""OAuth providers by their pages, and where somebody begins on an empty installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.in_process import SETTING, a_service, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.http.asking import Asker, Service

BY_HAND = {
    "grant": "authorization_code",
    "client_id": "relaybook",
    "client_secret": "correct horse",
    "token_url": "https://login.example/token",
    "authorize_url": "https://login.example/authorize",
    "scopes": "mail.send\noffline_access",
    "mail_hosts": "smtp.example",
    "extra": "prompt=consent",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("pages"), sqlite_template) as service:
        yield service


@pytest.fixture(scope="module")
def ask(service: Service) -> Asker:
    return service.asker("admin")


def test_an_empty_installation_begins_with_what_to_do_first(ask: Asker) -> None:
    assert ask("GET", "/").headers["Location"] == "/welcome"
    text = said(ask("GET", "/welcome"))
    assert "Import a file" in text
    assert "Register the first setting" in text


def test_the_first_link_leads_to_what_to_do_first(service: Service) -> None:
    link = service.relaybook.access.make_sign_in_link()
    assert link is not None
    entered = service.app.test_client().get(f"/sign-in?link={link.secret.reveal()}")
    assert entered.headers["Location"] == "/welcome"


def test_whoever_only_reads_begins_with_the_list(service: Service) -> None:
    reader = service.asker("reader")
    assert reader("GET", "/").headers["Location"] == "/settings"
    assert "An operator registers" in said(reader("GET", "/welcome"))


def test_without_providers_the_list_says_what_to_do(ask: Asker) -> None:
    page = ask("GET", "/oauth-providers").get_data(as_text=True)
    assert 'href="/oauth-providers/new?preset=microsoft365"' in page
    assert 'href="/oauth-providers/new?preset=google"' in page
    assert 'href="/oauth-providers/new"' in page


def test_a_preset_fills_in_what_is_left_empty(ask: Asker) -> None:
    form = {
        "id": "ms",
        "preset": "microsoft365",
        "grant": "client_credentials",
        "directory": "contoso.onmicrosoft.com",
        "client_id": "relaybook",
        "client_secret": "correct horse",
    }
    assert ask("POST", "/oauth-providers/new", data=form).status_code == 302
    made = ask("GET", "/v1/oauth-providers/ms").get_json()
    assert "contoso.onmicrosoft.com" in made["token_url"]
    assert "smtp.office365.com" in made["mail_hosts"]
    assert made["secrets"]["client_secret"] == "stored"
    assert "not fetched yet" in said(ask("GET", "/oauth-providers"))


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(ask: Asker) -> None:
    form = BY_HAND | {"id": "a b", "token_url": "nowhere", "mail_hosts": "https://mail.example"}
    page = ask("POST", "/oauth-providers/new", data=form)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    for field in ("id", "token_url", "mail_hosts"):
        assert f'id="{field}-error"' in text
    assert 'value="nowhere"' in text
    assert "correct horse" not in text


def test_a_change_keeps_secrets_unless_they_are_removed(ask: Asker) -> None:
    ask("POST", "/oauth-providers/new", data=BY_HAND | {"id": "kept"})
    change = BY_HAND | {"client_secret": "", "name": "Other", "version": "1"}
    assert ask("POST", "/oauth-providers/kept", data=change).status_code == 302
    found = ask("GET", "/v1/oauth-providers/kept").get_json()
    assert (found["name"], found["version"]) == ("Other", 2)
    assert found["secrets"]["client_secret"] == "stored"
    assert found["extra"] == {"prompt": "consent"}
    removal = change | {"version": "2", "remove.client_secret": "yes"}
    assert ask("POST", "/oauth-providers/kept", data=removal).status_code == 302
    found = ask("GET", "/v1/oauth-providers/kept").get_json()
    assert found["secrets"]["client_secret"] == "none"
    assert ask("POST", "/oauth-providers/kept", data=change).status_code == 412


def test_only_an_administrator_chooses_mail_hosts(service: Service, ask: Asker) -> None:
    ask("POST", "/oauth-providers/new", data=BY_HAND | {"id": "hosts"})
    operator = service.asker("operator")
    assert "Only an administrator changes these." in said(operator("GET", "/oauth-providers/hosts"))
    change = BY_HAND | {"mail_hosts": "evil.example", "client_secret": "", "version": "1"}
    change["name"] = "By an operator"
    assert operator("POST", "/oauth-providers/hosts", data=change).status_code == 302
    found = ask("GET", "/v1/oauth-providers/hosts").get_json()
    assert (found["name"], found["mail_hosts"]) == ("By an operator", ["smtp.example"])


def test_a_consent_begins_at_the_provider(ask: Asker) -> None:
    ask("POST", "/oauth-providers/new", data=BY_HAND | {"id": "asked"})
    assert "consent needed" in said(ask("GET", "/oauth-providers/asked"))
    led = ask("POST", "/oauth-providers/asked/authorize")
    assert led.status_code == 303
    assert led.headers["Location"].startswith("https://login.example/authorize?")
    assert "code_challenge" in led.headers["Location"]


def test_a_provider_that_a_setting_names_stays(ask: Asker) -> None:
    ask("POST", "/oauth-providers/new", data=BY_HAND | {"id": "named"})
    auth = {"method": "access_token", "user": "mailer", "provider_id": "named"}
    ask("POST", "/v1/smtp-settings", SETTING | {"auth": auth})
    refused = ask("POST", "/oauth-providers/named/delete", data={"version": "1"})
    assert "acme" in said(refused, 409)
    ask("DELETE", "/v1/smtp-settings/acme", headers={"If-Match": "*"})
    assert ask("POST", "/oauth-providers/named/delete", data={"version": "1"}).status_code == 302
    assert ask("GET", "/oauth-providers/named").status_code == 404

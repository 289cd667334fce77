"""Consents in the browser that come to nothing, or are taken back."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Response
from sqlalchemy import select

from services.config_api.read_model.operational_tables import oauth_consents
from tests.integration.http.asking import Asker, Service
from tests.integration.http.providing import (
    PATH,
    consented,
    document,
    registered,
    sealed,
)
from tests.support.authorization_server import Provider


@pytest.fixture
def environ(provider: Provider) -> dict[str, str]:
    return {"RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{urlsplit(provider.url).port}"}


@pytest.fixture
def sender(service: Service) -> Asker:
    return service.asker("credentials")


class TestConsents:
    @pytest.fixture
    def asked(self, service: Service, admin: Asker, provider: Provider) -> Provider:
        redirect = service.relaybook.oauth.consents.redirect_uri
        provider.clients["relaybook"].redirect_uri = redirect
        registered(admin, provider, grant="authorization_code")
        return provider

    def page(self, service: Service, path: str, language: str = "en") -> str:
        answer = service.app.test_client().get(path, headers={"Accept-Language": language})
        assert answer.status_code == 400
        return answer.get_data(as_text=True)

    def test_one_that_nobody_began_is_refused(self, service: Service, asked: Provider) -> None:
        assert "Begin it again" in self.page(service, "/oauth/callback?state=x&code=y")
        assert "Begin it again" in self.page(service, "/oauth/callback")
        assert asked.forms == []

    def test_one_that_took_too_long_is_refused(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        back = consented(admin)
        service.watch.forward(minutes=11)
        assert "Begin it again" in self.page(service, back)
        assert asked.forms == []

    def test_the_providers_refusal_is_shown_as_text(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        state = consented(admin).partition("state=")[2]
        words = "error=access_denied&error_description=%3Cb%3Eno%3C/b%3E"
        told = self.page(service, f"/oauth/callback?state={state}&{words}")
        assert "access_denied – &lt;b&gt;no&lt;/b&gt;" in told
        assert asked.forms == []

    def test_a_provider_that_was_changed_meanwhile_keeps_nothing(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        back = consented(admin)
        changed = document(asked, grant="authorization_code", name="Other")
        admin("PUT", f"{PATH}/idp", changed, headers={"If-Match": "*"})
        assert "changed meanwhile" in self.page(service, back)
        assert asked.forms == []

    def test_an_endpoint_that_refuses_the_code_is_told(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        back = consented(admin)
        asked.codes.clear()
        assert "invalid_grant" in self.page(service, back, "ja")

    def test_a_silent_endpoint_is_told(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        back = consented(admin)
        asked.refuse_with = Response("x", status=500)
        assert "HTTP 500" in self.page(service, back)

    def test_without_a_refresh_token_nothing_is_kept(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        back = consented(admin)
        asked.more = {"refresh_token": None}
        assert "offline_access" in self.page(service, back)
        assert admin("GET", f"{PATH}/idp").get_json()["granted_at"] is None

    def test_one_that_nobody_finished_is_forgotten(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        consented(admin)
        consents = service.relaybook.oauth.consents
        consents.forget_old(service.watch())
        assert len(sealed(service, "~oauth-consent/")) == 1
        service.watch.forward(minutes=10)
        consents.forget_old(service.watch())
        assert sealed(service, "~oauth-consent/") == []
        with service.relaybook.read_engine.connect() as connection:
            assert list(connection.execute(select(oauth_consents))) == []
        assert asked.forms == []

    def test_a_change_of_destination_ends_the_consent(
        self, service: Service, admin: Asker, asked: Provider
    ) -> None:
        assert service.app.test_client().get(consented(admin)).status_code == 200
        moved = document(asked, grant="authorization_code", client_id="other")
        answer = admin("PUT", f"{PATH}/idp", moved, headers={"If-Match": "*"}).get_json()
        assert answer["secrets"]["refresh_token"] == "none"
        assert answer["granted_at"] is None

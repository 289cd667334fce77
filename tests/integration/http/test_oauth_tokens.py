"""Access tokens of providers: why there is none, and what testers are handed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Response
from sqlalchemy import select

from services.config_api.read_model.operational_tables import oauth_tokens
from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.providing import (
    CREDENTIALS,
    HOST,
    PATH,
    events,
    registered,
    sealed,
    state,
    with_setting,
)
from tests.support.authorization_server import Issued, Provider
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import make_tools, probed
from tests.support.smtp.script import SmtpScript


@pytest.fixture
def environ(provider: Provider) -> dict[str, str]:
    return {"RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{urlsplit(provider.url).port}"}


@pytest.fixture
def sender(service: Service) -> Asker:
    return service.asker("credentials")


class TestRefusals:
    def refused(self, sender: Asker, status: int, slug: str) -> dict[str, Any]:
        (error,) = problem(sender("GET", CREDENTIALS), status, slug)["errors"]
        assert error["pointer"] == "/auth/provider_id"
        told: dict[str, Any] = error
        return told

    def test_no_provider(self, admin: Asker, sender: Asker) -> None:
        with_setting(admin)
        assert self.refused(sender, 422, "validation-failed")["code"] == "provider_unknown"

    def test_another_host(self, admin: Asker, sender: Asker, provider: Provider) -> None:
        registered(admin, provider)
        with_setting(admin, host="smtp.evil.example")
        error = self.refused(sender, 422, "validation-failed")
        assert error["code"] == "token_host_not_allowed"
        assert HOST in error["detail"]
        assert provider.forms == []

    def test_another_host_by_session_property(
        self, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin, session_properties={"mail.smtp.host": "smtp.evil.example"})
        error = self.refused(sender, 422, "validation-failed")
        assert error["code"] == "token_host_not_allowed"
        assert provider.forms == []

    def test_the_providers_own_words(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider, client_secret="wrong-secret")
        with_setting(admin)
        provider.refuse_with = Response(
            '{"error": "unauthorized_client",'
            ' "error_description": "AADSTS7000215: 無効 wrong-secret"}',
            status=400,
            content_type="application/json",
        )
        error = self.refused(sender, 422, "validation-failed")
        assert error["code"] == "token_request_refused"
        assert "“AADSTS7000215: 無効 ***”" in error["detail"]
        asked = len(provider.forms)
        self.refused(sender, 422, "validation-failed")
        assert len(provider.forms) == asked  # nobody asks again within seconds
        told = state(admin)
        assert (told["state"], told["failure"]["code"]) == ("failed", "token_request_refused")
        service.watch.forward(seconds=6)
        self.refused(sender, 422, "validation-failed")
        assert len(provider.forms) > asked

    def test_an_ended_grant(self, admin: Asker, sender: Asker, provider: Provider) -> None:
        provider.issued.append(Issued("a", "refresh-one", "relaybook", "smtp", used=True))
        registered(admin, provider, grant="refresh_token", refresh_token="refresh-one")
        with_setting(admin)
        assert self.refused(sender, 422, "validation-failed")["code"] == "token_grant_expired"

    def test_a_silent_endpoint(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin)
        provider.refuse_with = Response("busy", status=503)
        error = self.refused(sender, 503, "unavailable")
        assert error["code"] == "token_endpoint_unreachable"
        assert "HTTP 503" in error["detail"]
        assert not [one for one in events(service) if one.type == "access.credentials_read"]

    def test_an_address_that_nobody_may_reach(
        self, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider, token_url="https://169.254.169.254/token")
        with_setting(admin)
        error = self.refused(sender, 503, "unavailable")
        assert "does not allow" in error["detail"]

    def test_a_token_that_still_holds_is_given_though_its_renewal_fails(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin)
        first = sender("GET", CREDENTIALS).get_json()
        provider.refuse_with = Response("busy", status=503)
        service.watch.forward(minutes=50)
        tokens = service.relaybook.oauth.tokens
        tokens.renew("idp")
        assert sender("GET", CREDENTIALS).get_json() == first
        assert tokens.rows.due(service.watch()) == []  # not again before a minute has passed
        service.watch.forward(minutes=1)
        assert tokens.rows.due(service.watch()) == ["idp"]

    def test_a_grant_that_ends_soon_is_warned_of(
        self, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        provider.more = {"refresh_token_expires_in": 3 * 24 * 3600}
        provider.issued.append(Issued("a", "refresh-one", "relaybook", "smtp"))
        registered(admin, provider, grant="refresh_token", refresh_token="refresh-one")
        with_setting(admin)
        assert sender("GET", CREDENTIALS).status_code == 200
        told = state(admin)
        assert told["grant_ends_at"] == "2026-02-03T12:00:00Z"
        (warning,) = told["warnings"]
        assert warning["code"] == "token_expires_soon"
        assert "2026-02-03T12:00:00Z" in warning["hint"]

    def test_what_a_deleted_provider_issued_is_gone(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin)
        assert sender("GET", CREDENTIALS).status_code == 200
        admin("DELETE", "/v1/smtp-settings/acme", headers={"If-Match": "*"})
        assert admin("DELETE", f"{PATH}/idp", headers={"If-Match": "*"}).status_code == 204
        assert sealed(service, "~oauth") == []
        with service.relaybook.read_engine.connect() as connection:
            assert list(connection.execute(select(oauth_tokens))) == []


class TestClaims:
    def claimed(self, service: Service, operator: Asker) -> dict[str, Any]:
        made = operator("POST", "/v1/connection-tests", {"setting_id": "acme"}).get_json()
        answer = service.asker("tester")(
            "POST", f"/v1/connection-tests/{made['id']}/claim", {"attempt": 1}
        )
        told: dict[str, Any] = answer.get_json()
        return told

    def test_a_claimed_test_signs_in_with_a_fresh_token(
        self,
        service: Service,
        admin: Asker,
        provider: Provider,
        tmp_path: Path,
    ) -> None:
        provider.more = {"refresh_token_expires_in": 3 * 24 * 3600}
        provider.issued.append(Issued("a", "refresh-one", "relaybook", "smtp"))
        registered(admin, provider, grant="refresh_token", refresh_token="refresh-one")
        script = SmtpScript(extensions=("AUTH XOAUTH2",), answers={"AUTH": "235 2.7.0 Welcome\r\n"})
        with running_peer(script) as peer:
            with_setting(admin, port=peer.port, security="none")
            handed = self.claimed(service, admin)
            result = probed(handed, make_tools(tmp_path, hosts=f"127.0.0.1 {HOST}\n"))
        token = provider.issued[-1].access_token
        assert handed["credential"] == {
            "access_token": token,
            "expires_at": "2026-01-31T13:00:00Z",
            "grant_ends_at": "2026-02-03T12:00:00Z",
        }
        assert (result.code, result.verdict) == ("ok", "passed")
        (sent,) = (line for line in peer.seen if line.startswith("AUTH"))
        blob = base64.b64decode(sent.split()[-1])
        assert blob == f"user=mailer\1auth=Bearer {token}\1\1".encode()

    def test_a_claimed_test_is_told_why_there_is_none(
        self, service: Service, admin: Asker, provider: Provider
    ) -> None:
        registered(admin, provider, mail_hosts=["other.example"])
        with_setting(admin)
        handed = self.claimed(service, admin)
        assert handed["credential"] is None
        assert handed["token_failure"] == {
            "code": "token_host_not_allowed",
            "facts": {"provider_id": "idp", "host": HOST, "allowed": ["other.example"]},
        }

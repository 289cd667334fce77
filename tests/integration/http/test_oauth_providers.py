"""OAuth providers over HTTP, on a real authorization server: from registering to a token."""

from __future__ import annotations

from threading import Thread
from urllib.parse import urlsplit

import pytest

from events.oauth_provider import OAuthProviderGranted
from services.config_api.read_model.rebuild import rebuild
from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.providing import (
    CREDENTIALS,
    HOST,
    PATH,
    consented,
    document,
    events,
    registered,
    sealed,
    state,
    with_setting,
)
from tests.support.authorization_server import Issued, Provider


@pytest.fixture
def environ(provider: Provider) -> dict[str, str]:
    return {"RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{urlsplit(provider.url).port}"}


@pytest.fixture
def sender(service: Service) -> Asker:
    return service.asker("credentials")


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, store_url: str) -> str:
        return store_url

    def test_a_provider_is_registered_read_listed_replaced_and_deleted(
        self, service: Service, admin: Asker, provider: Provider
    ) -> None:
        made = registered(admin, provider)
        secrets = {"client_secret": "stored", "refresh_token": "none", "private_key": "none"}
        assert made["secrets"] == secrets
        assert "s3cret-one" not in str(made)
        read = admin("GET", f"{PATH}/idp")
        assert (read.get_json(), read.headers["ETag"]) == (made, '"v1"')
        again = admin("GET", f"{PATH}/idp", headers={"If-None-Match": '"v1"'})
        assert again.status_code == 304
        (listed,) = admin("GET", PATH).get_json()["items"]
        assert listed.pop("token_state")["state"] == "none"
        assert listed == made
        changed = document(provider, name="Ours")
        del changed["client_secret"], changed["mail_hosts"]
        answer = admin("PUT", f"{PATH}/idp", changed, headers={"If-Match": '"v1"'})
        told = answer.get_json()
        assert (told["name"], told["version"], told["mail_hosts"]) == ("Ours", 2, [HOST])
        assert told["secrets"] == secrets
        same = admin("PUT", f"{PATH}/idp", changed, headers={"If-Match": '"v2"'})
        assert same.get_json()["version"] == 2
        report = rebuild(service.relaybook.engine, service.relaybook.store)
        assert report.differing == 0
        assert admin("DELETE", f"{PATH}/idp", headers={"If-Match": "*"}).status_code == 204
        problem(admin("GET", f"{PATH}/idp"), 404, "not-found")
        assert registered(admin, provider)["version"] == 4
        assert rebuild(service.relaybook.engine, service.relaybook.store).differing == 0

    def test_a_token_is_fetched_once_given_to_all_and_renewed_ahead_of_its_end(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        registered(admin, provider)
        with_setting(admin)
        first = sender("GET", CREDENTIALS).get_json()
        assert first["access_token"] == provider.issued[-1].access_token
        assert first["expires_at"] == "2026-01-31T13:00:00Z"
        assert "password" not in first
        assert sender("GET", CREDENTIALS).get_json() == first
        assert len(provider.forms) == 1
        told = state(admin)
        assert (told["state"], told["expires_at"]) == ("valid", "2026-01-31T13:00:00Z")
        service.watch.forward(minutes=48)
        tokens = service.relaybook.oauth.tokens
        assert tokens.rows.due(service.watch()) == []
        service.watch.forward(minutes=2)
        assert tokens.rows.due(service.watch()) == ["idp"]
        tokens.renew("idp")
        assert len(provider.forms) == 2
        after = sender("GET", CREDENTIALS).get_json()
        assert after["access_token"] == provider.issued[-1].access_token != first["access_token"]
        held = sealed(service, "~oauth-token/")
        assert len(held) == 1  # the old one is gone

    def test_a_rotated_refresh_token_is_kept_and_never_used_twice(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        provider.issued.append(Issued("a", "refresh-one", "relaybook", "smtp"))
        provider.life = 600
        registered(admin, provider, grant="refresh_token", refresh_token="refresh-one")
        with_setting(admin)
        for _ in range(4):
            assert sender("GET", CREDENTIALS).status_code == 200
            service.watch.forward(minutes=10)
        sent = [form["refresh_token"] for form in provider.forms]
        assert sent[0] == "refresh-one"
        assert len(set(sent)) == 4
        assert provider.reused == 0
        # A change that leaves the destination alone leaves the rotated token in use.
        changed = document(provider, grant="refresh_token", name="Ours")
        del changed["client_secret"]
        answer = admin("PUT", f"{PATH}/idp", changed, headers={"If-Match": "*"})
        assert answer.status_code == 200
        assert sender("GET", CREDENTIALS).status_code == 200
        assert provider.reused == 0
        assert len(sealed(service, "~oauth-token/")) == 2

    def test_many_at_once_ask_the_provider_once(
        self, service: Service, admin: Asker, provider: Provider
    ) -> None:
        provider.delay = 0.3
        provider.issued.append(Issued("a", "refresh-one", "relaybook", "smtp"))
        registered(admin, provider, grant="refresh_token", refresh_token="refresh-one")
        found: list[str] = []
        tokens = service.relaybook.oauth.tokens

        def ask() -> None:
            found.append(tokens.token_for("idp", HOST).text.reveal())

        threads = [Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(provider.forms) == 1
        assert found == [provider.issued[-1].access_token] * 8

    def test_a_consent_is_kept_and_its_tokens_are_used(
        self, service: Service, admin: Asker, sender: Asker, provider: Provider
    ) -> None:
        redirect = service.relaybook.oauth.consents.redirect_uri
        provider.clients["relaybook"].redirect_uri = redirect
        registered(admin, provider, grant="authorization_code")
        with_setting(admin)
        assert state(admin)["state"] == "consent_needed"
        (error,) = problem(sender("GET", CREDENTIALS), 422, "validation-failed")["errors"]
        assert error["code"] == "token_grant_expired"
        back = consented(admin)
        page = service.stranger().app.test_client().get(back)
        assert page.status_code == 200, page.get_data(as_text=True)
        assert page.headers["Cache-Control"] == "no-store"
        told = admin("GET", f"{PATH}/idp").get_json()
        assert told["secrets"]["refresh_token"] == "stored"
        assert told["granted_by"].startswith("token:")
        token = sender("GET", CREDENTIALS).get_json()["access_token"]
        assert token == provider.issued[-1].access_token
        assert len(provider.forms) == 1  # the consent itself gave the first token
        service.watch.forward(hours=2)
        assert sender("GET", CREDENTIALS).status_code == 200
        assert provider.forms[-1]["grant_type"] == "refresh_token"
        assert rebuild(service.relaybook.engine, service.relaybook.store).differing == 0
        assert not sealed(service, "~oauth-consent/")
        used_up = service.app.test_client().get(back)
        assert used_up.status_code == 400
        granted = [one for one in events(service) if one.type == OAuthProviderGranted.TYPE]
        assert len(granted) == 1

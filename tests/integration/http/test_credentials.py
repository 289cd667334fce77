"""What the services that send are given, to whom, and what the log tells of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from events.access import CredentialsRead
from events.catalogue import decode
from events.store.port import StoreUnavailable
from services.config_api.vault.tables import sealed_secrets
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.envelope import RecordedEvent

PASSWORD = "correct horse ✓"
PROXY_PASSWORD = "battery staple"
AUTH = {"method": "password", "user": "mailer", "password": PASSWORD, "mechanism": "PLAIN"}
ACME = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": AUTH,
    "session_properties": {
        "mail.smtp.timeout": "5000",
        "mail.smtp.proxy.password": PROXY_PASSWORD,
    },
}
SETTINGS = "/v1/smtp-settings"
ANSWER: dict[str, Any] = {
    "id": "acme",
    "resolved_from": "acme",
    "version": 1,
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "method": "password",
    "user": "mailer",
    "mechanism": "PLAIN",
    "password": PASSWORD,
    "session_properties": {"mail.smtp.proxy.password": PROXY_PASSWORD},
}


def path(setting_id: str = "acme") -> str:
    return f"{SETTINGS}/{setting_id}/credentials"


def register(operator: Asker, **changes: Any) -> None:
    answer = operator("POST", SETTINGS, ACME | changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)


def reads(service: Service) -> Sequence[RecordedEvent]:
    page = service.relaybook.store.read_all(after=0, limit=500)
    return [event for event in page.events if event.type == CredentialsRead.TYPE]


@pytest.fixture
def sender(service: Service) -> Asker:
    return service.asker("credentials")


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, store_url: str) -> str:
        return store_url

    def test_the_secrets_are_answered_and_the_event_stands_before(
        self, service: Service, operator: Asker, sender: Asker
    ) -> None:
        register(operator)
        answer = sender("GET", path())
        assert answer.get_json() == ANSWER
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
        (event,) = reads(service)
        assert (event.stream, event.tenant) == ("access-acme", "acme")
        assert event.actor == sender("GET", "/v1/me").get_json()["actor"]
        assert decode(event) == CredentialsRead(
            setting_id="acme", resolved_from="acme", setting_version=1, export_id=None
        )

    def test_each_reading_is_told(self, service: Service, operator: Asker, sender: Asker) -> None:
        register(operator)
        for _ in range(3):
            assert sender("GET", path()).status_code == 200
        assert [event.version for event in reads(service)] == [1, 2, 3]


def test_a_tenant_without_a_setting_gets_the_secrets_of_the_default_one(
    service: Service, operator: Asker
) -> None:
    register(operator, id="default")
    answer = service.asker("credentials", tenants=["globex"])("GET", path("globex"))
    assert answer.get_json() == ANSWER | {"id": "globex", "resolved_from": "default"}
    (event,) = reads(service)
    assert (event.stream, event.tenant) == ("access-globex", "globex")


def test_the_answer_is_that_of_the_newest_version(operator: Asker, sender: Asker) -> None:
    register(operator)
    change = {"host": "new.acme.example", "auth": {"password": "another"}}
    change |= {"session_properties": {"mail.smtp.proxy.password": None}}
    answer = operator("PATCH", f"{SETTINGS}/acme", change, headers={"If-Match": "*"})
    assert answer.status_code == 200
    body = sender("GET", path()).get_json()
    assert (body["version"], body["host"], body["password"]) == (2, "new.acme.example", "another")
    assert body["session_properties"] == {}


@pytest.mark.parametrize(
    "auth", [{"method": "none", "user": "mailer"}, {"method": "password", "user": "mailer"}]
)
def test_a_setting_without_a_password_says_so(
    service: Service, operator: Asker, sender: Asker, auth: dict[str, Any]
) -> None:
    given = auth | ({"password": None} if auth["method"] == "password" else {})
    register(operator, auth=given, session_properties={})
    body = sender("GET", path()).get_json()
    assert (body["method"], body["user"], body["password"]) == (auth["method"], "mailer", None)
    assert len(reads(service)) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "store it again"), ("ja", "再登録")])
def test_a_secret_that_must_be_given_again_is_told(
    service: Service, operator: Asker, sender: Asker, language: str, words: str
) -> None:
    register(operator)
    without = {"method": "password", "user": "mailer", "mechanism": "PLAIN"}
    items = [{"id": "acme", "host": "evil.example", "auth": without}]
    moved = {"relaybook": 1, "settings": items}
    imported = operator("POST", "/v1/imports?mode=update", moved)
    assert imported.status_code == 201
    answer = sender("GET", path(), headers={"Accept-Language": language})
    body = problem(answer, 422, "secret-required")
    assert [error["pointer"] for error in body["errors"]] == ["/auth/password"]
    assert words in body["detail"]
    assert PASSWORD not in answer.get_data(as_text=True)
    assert not reads(service)


def test_a_secret_property_that_must_be_given_again_is_told(operator: Asker, sender: Asker) -> None:
    register(operator, auth={"method": "none"})
    moved = {"relaybook": 1, "settings": [{"id": "acme", "host": "evil.example"}]}
    assert operator("POST", "/v1/imports?mode=update", moved).status_code == 201
    body = problem(sender("GET", path()), 422, "secret-required")
    assert [error["pointer"] for error in body["errors"]] == ["/session_properties"]


@pytest.mark.parametrize(("language", "words"), [("en", "not held any more"), ("ja", "失われて")])
def test_a_secret_that_is_held_no_longer_is_told_by_its_place(
    service: Service, operator: Asker, sender: Asker, language: str, words: str
) -> None:
    register(operator)
    with service.relaybook.engine.begin() as connection:
        connection.execute(delete(sealed_secrets).where(sealed_secrets.c.id == "acme/password"))
    answer = sender("GET", path(), headers={"Accept-Language": language})
    body = problem(answer, 422, "secret-required")
    assert [error["pointer"] for error in body["errors"]] == ["/auth/password"]
    assert words in body["detail"]
    assert PROXY_PASSWORD not in answer.get_data(as_text=True)
    assert not reads(service)


@pytest.mark.parametrize(("language", "words"), [("en", "instead of m365"), ("ja", "m365")])
def test_an_access_token_of_an_unknown_provider_is_refused(
    service: Service, operator: Asker, sender: Asker, language: str, words: str
) -> None:
    register(operator, auth={"method": "access_token", "user": "mailer", "provider_id": "m365"})
    answer = sender("GET", path(), headers={"Accept-Language": language})
    body = problem(answer, 422, "validation-failed")
    (error,) = body["errors"]
    assert (error["pointer"], error["code"]) == ("/auth/provider_id", "provider_unknown")
    assert words in error["detail"]
    assert not reads(service)


def test_what_is_not_there_or_not_theirs_is_not_found(service: Service, operator: Asker) -> None:
    register(operator)
    everywhere = service.asker("credentials")
    problem(everywhere("GET", path("globex")), 404, "not-found")
    register(operator, id="default")
    problem(everywhere("GET", path("no%20name")), 404, "not-found")
    limited = service.asker("credentials", tenants=["globex"])
    theirs = problem(limited("GET", path()), 404, "not-found")
    never_there = problem(limited("GET", path("nobody")), 404, "not-found")
    assert theirs["detail"].replace("acme", "…") == never_there["detail"].replace("nobody", "…")
    assert not reads(service)


def test_a_deleted_setting_gives_nothing_away(operator: Asker, sender: Asker) -> None:
    register(operator)
    assert operator("DELETE", f"{SETTINGS}/acme", headers={"If-Match": "*"}).status_code == 204
    problem(sender("GET", path()), 404, "not-found")


def test_who_administers_reads_no_secrets(service: Service, operator: Asker) -> None:
    register(operator)
    for role in ("admin", "operator", "auditor", "reader", "tester"):
        problem(service.asker(role)("GET", path()), 403, "forbidden")
    assert not reads(service)


def test_there_is_no_answer_where_the_event_cannot_be_written(
    service: Service, operator: Asker, sender: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(operator)

    def full(*_args: Any, **_more: Any) -> Any:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(type(service.relaybook.store), "append", full)
    answer = sender("GET", path())
    problem(answer, 503, "unavailable")
    assert PASSWORD not in answer.get_data(as_text=True)
    assert PROXY_PASSWORD not in answer.get_data(as_text=True)


def test_a_parameter_is_refused_before_anything_is_told(
    service: Service, operator: Asker, sender: Asker
) -> None:
    register(operator)
    problem(sender("GET", f"{path()}?render=env"), 422, "validation-failed")
    assert not reads(service)


def test_no_secret_is_left_in_logs_figures_or_events(
    service: Service, operator: Asker, sender: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register(operator)
    assert sender("GET", path()).status_code == 200
    figures = sender("GET", "/metrics").get_data(as_text=True)
    events = service.asker("auditor")("GET", "/v1/events").get_data(as_text=True)
    for written in (caplog.text, figures, events):
        assert PASSWORD not in written
        assert PROXY_PASSWORD not in written
    assert 'route="/v1/smtp-settings/{setting_id}/credentials"' in figures
    assert "access.credentials_read" in events

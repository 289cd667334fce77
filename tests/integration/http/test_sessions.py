"""People in the web client: their cookie, and what keeps other sites from using it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.http.cookies import cookie_name, sign_in_allowed
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from services.config_api.application.entering import Session

SETTING = {"id": "acme", "host": "a.example"}


@pytest.fixture
def signed_in(service: Service) -> tuple[FlaskClient, Session]:
    access = service.relaybook.access
    link = access.make_sign_in_link()
    assert link is not None
    ctx = Context(cause=Cause.by_system("test"), at=service.watch())
    entered = access.sign_in(link.secret.reveal(), ctx)
    assert entered is not None
    session, cookie = entered
    client = service.app.test_client()
    client.set_cookie(cookie_name(service.relaybook.settings), cookie.reveal())
    return client, session


def test_a_person_who_is_signed_in_may_read_and_change(
    signed_in: tuple[FlaskClient, Session],
) -> None:
    client, session = signed_in
    assert client.get("/v1/me").get_json()["actor"].startswith("user:")
    headers = {"X-CSRF-Token": session.csrf_token, "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/v1/smtp-settings", json=SETTING, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "é"},
     {"X-CSRF-Token": "own", "Sec-Fetch-Site": "cross-site"},
     {"X-CSRF-Token": "own", "Sec-Fetch-Site": "same-site"},
     {"X-CSRF-Token": "own", "Origin": "https://evil.example"},
     {"X-CSRF-Token": "own", "Origin": "null"}],
)  # fmt: skip
def test_a_change_from_another_site_is_refused(
    signed_in: tuple[FlaskClient, Session], headers: dict[str, str]
) -> None:
    client, session = signed_in
    if headers.get("X-CSRF-Token") == "own":
        headers = headers | {"X-CSRF-Token": session.csrf_token}
    answer = client.post("/v1/smtp-settings", json=SETTING, headers=headers)
    problem(answer, 403, "forbidden")


def test_a_session_that_was_ended_holds_no_more(
    service: Service, signed_in: tuple[FlaskClient, Session]
) -> None:
    client, _ = signed_in
    cookie = client.get_cookie(cookie_name(service.relaybook.settings))
    assert cookie is not None
    service.relaybook.access.sign_out(cookie.value)
    problem(client.get("/v1/me"), 401, "unauthenticated")


def test_a_new_sign_in_ends_the_session_that_the_browser_came_with(
    service: Service, signed_in: tuple[FlaskClient, Session], admin: Asker
) -> None:
    client, _ = signed_in
    name = cookie_name(service.relaybook.settings)
    before = client.get_cookie(name)
    password = {"name": "alice", "roles": ["reader"], "password": "correct horse battery"}
    assert admin("POST", "/v1/users", password).status_code == 201
    form = {"user": "alice", "password": "correct horse battery"}
    answer = client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 302
    assert client.get("/v1/me").get_json()["actor"] == "user:alice"
    assert before is not None
    client.set_cookie(name, before.value)
    problem(client.get("/v1/me"), 401, "unauthenticated")


def test_a_cookie_is_bound_to_its_host_behind_https(service: Service) -> None:
    settings = service.relaybook.settings
    secure = replace(settings, public_url="https://mail.example")
    assert (cookie_name(settings), cookie_name(secure)) == ("relaybook", "__Host-relaybook")
    assert sign_in_allowed(secure, "203.0.113.9")
    assert sign_in_allowed(settings, "127.0.0.1")
    assert sign_in_allowed(settings, "::1")
    assert not sign_in_allowed(settings, "203.0.113.9")
    assert not sign_in_allowed(settings, None)


def test_on_plain_http_a_sign_in_from_elsewhere_is_told_why_it_is_refused(
    service: Service,
) -> None:
    answer = service.app.test_client().post(
        "/sign-in",
        data={"user": "alice", "password": "correct horse"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert answer.status_code == 403
    assert "RELAYBOOK_PUBLIC_URL" in answer.get_data(as_text=True)

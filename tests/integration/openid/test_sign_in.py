"""People who come in by a provider: as whom, with what, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from events.access import SignedIn, SignInFailed
from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.application.users import NewUser
from services.config_api.domain.secret import Secret
from services.config_api.http.cookies import openid_cookie_name
from services.config_api.read_model.operational_tables import (
    openid_attempts,
    sessions,
    sign_in_tries,
)
from tests.integration.openid.house import House, a_house, words
from tests.support.openid import CLIENT_ID, query

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.support.openid import Provider

COOKIE = "relaybook-openid"


def _now() -> datetime:
    return datetime.now(UTC)


def test_a_person_comes_in_with_the_roles_of_the_rules(house: House) -> None:
    browser = house.browser()
    assert house.provider.issuer.partition("//")[2] in words(browser.get("/sign-in"))
    answer = house.journey(browser)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings")
    me = browser.get("/v1/me").get_json()
    assert me == {
        "actor": "openid:248289761001",
        "roles": ["auditor", "operator"],
        "tenants": None,
    }
    assert ">alice<" in words(browser.get("/settings"))
    assert house.facts("access.signed_in") == [
        SignedIn(user="248289761001", way="openid", roles=("auditor", "operator"), name="alice")
    ]
    (event,) = house.events("access.signed_in")
    assert (event.actor, event.source_ip) == ("openid:248289761001", "127.0.0.1")


def test_whoever_came_by_the_provider_signs_out_and_begins_a_new_session_next_time(
    house: House,
) -> None:
    browser = house.browser()
    house.journey(browser)
    first = browser.get_cookie("relaybook")
    told = words(browser.get("/settings"))
    token = told.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert browser.get("/v1/me").status_code == 401
    house.journey(browser)
    second = browser.get_cookie("relaybook")
    assert first is not None
    assert second is not None
    assert first.value != second.value


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"preferred_username": None}, "248289761001"),
        ({"preferred_username": "", "email": "a@example.com"}, "a@example.com"),
        ({"preferred_username": "a\u202eb", "email": 7, "name": "Ann <b>"}, "Ann &lt;b&gt;"),
        ({"preferred_username": "x" * 200}, "x" * 100),
    ],
)
def test_a_person_is_called_as_the_provider_does_or_else_by_the_subject(
    house: House, claims: dict[str, object], shown: str
) -> None:
    house.provider.claims |= claims
    browser = house.browser()
    house.journey(browser)
    assert f">{shown}<" in words(browser.get("/settings"))


def test_whoever_is_signed_in_is_not_sent_away_again(house: House) -> None:
    browser = house.browser()
    house.journey(browser)
    assert browser.get("/sign-in/openid").headers["Location"] == "/settings"


def test_a_session_ends_after_twelve_hours_however_used(house: House) -> None:
    browser = house.browser()
    house.journey(browser)
    for _ in range(28):
        house.watch.forward(minutes=25)
        assert browser.get("/v1/me").status_code == 200
    house.watch.forward(minutes=25)
    assert browser.get("/v1/me").status_code == 401


def test_a_session_ends_when_its_provider_is_no_longer_the_configured_one(
    house: House, store_url: str, tmp_path: Path
) -> None:
    browser = house.browser()
    house.journey(browser)
    cookie = browser.get_cookie("relaybook")
    assert cookie is not None
    assert house.relaybook.access.principal_of_session(cookie.value) is not None
    other = replace(house.relaybook.access, issuer="https://other.example")
    assert other.principal_of_session(cookie.value) is None
    assert replace(other, issuer=None).principal_of_session(cookie.value) is None


def test_a_subject_that_is_called_like_a_user_is_somebody_else(house: House) -> None:
    relaybook = house.relaybook
    ctx = Context(cause=Cause.by_system("test"), at=house.watch())
    new = NewUser(name="alice", password=Secret("correct horse"), roles=["admin"])
    relaybook.users.create(new, ctx)
    house.provider.claims["sub"] = "alice"
    browser = house.browser()
    house.journey(browser)
    assert browser.get("/v1/me").get_json()["actor"] == "openid:alice"
    relaybook.users.revoke("alice", ctx)
    assert browser.get("/v1/me").status_code == 200


def test_nothing_that_a_sign_in_hangs_on_can_be_read_in_the_database(house: House) -> None:
    browser = house.browser()
    begun = browser.get("/sign-in/openid")
    asked = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    with house.relaybook.read_engine.connect() as connection:
        rows = connection.execute(select(openid_attempts)).all()
    assert len(rows) == 1
    for text in (asked["state"], asked["nonce"], cookie.value):
        assert text not in str(rows)
    header = begun.headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert begun.headers["Cache-Control"] == "no-store"


def test_behind_https_the_attempt_is_bound_to_the_host(house: House) -> None:
    settings = replace(house.relaybook.settings, public_url="https://mail.example")
    assert openid_cookie_name(settings) == "__Host-relaybook-openid"


def test_the_way_back_is_under_the_public_url(
    provider: Provider, sqlite_url: str, tmp_path: Path
) -> None:
    public = {"RELAYBOOK_PUBLIC_URL": "https://mail.example/"}
    with a_house(provider, sqlite_url, tmp_path, now=_now(), **public) as house:
        begun = house.browser().get("/sign-in/openid", base_url="https://mail.example")
    asked = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))
    assert asked["redirect_uri"] == "https://mail.example/sign-in/openid/callback"
    assert begun.headers["Set-Cookie"].startswith("__Host-relaybook-openid=")
    assert "Secure" in begun.headers["Set-Cookie"]


def test_a_public_client_says_only_who_it_is(
    provider: Provider, sqlite_url: str, tmp_path: Path
) -> None:
    provider.public = True
    without = {"RELAYBOOK_OIDC_CLIENT_SECRET": ""}
    with a_house(provider, sqlite_url, tmp_path, now=_now(), **without) as house:
        assert house.journey().headers["Location"] == "/settings"


def test_a_provider_may_want_the_secret_in_the_form(house: House) -> None:
    house.provider.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert house.journey().headers["Location"] == "/settings"


def test_a_provider_that_lists_its_scopes_is_asked_for_those_of_the_rules(house: House) -> None:
    begun = house.browser().get("/sign-in/openid")
    asked = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))
    assert asked["scope"] == "openid profile email groups"
    assert asked["client_id"] == CLIENT_ID


def test_the_documents_are_fetched_once_for_many_people(house: House) -> None:
    for _ in range(3):
        assert house.journey().headers["Location"] == "/settings"
    assert house.provider.asked.count("/.well-known/openid-configuration") == 1
    assert house.provider.asked.count("/jwks") == 1
    assert house.provider.asked.count("/token") == 3


def test_ten_who_began_and_did_not_come_back_make_the_next_one_wait(house: House) -> None:
    for _ in range(10):
        assert house.browser().get("/sign-in/openid").status_code == 302
    answer = house.browser().get("/sign-in/openid")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    answer = house.browser().get(query({"state": "guess", "code": "guess"}))
    assert answer.status_code == 429
    house.watch.forward(minutes=5)
    assert house.browser().get("/sign-in/openid").status_code == 302


def test_who_came_in_frees_the_place_of_the_try(house: House) -> None:
    for _ in range(12):
        assert house.journey().headers["Location"] == "/settings"
    with house.relaybook.read_engine.connect() as connection:
        assert connection.execute(select(sign_in_tries)).all() == []
        assert connection.execute(select(openid_attempts)).all() == []
        assert len(connection.execute(select(sessions)).all()) == 12


def test_a_look_begins_nothing_and_uses_nothing_up(house: House) -> None:
    browser = house.browser()
    assert browser.head("/sign-in/openid").status_code == 200
    assert (
        browser.get("/sign-in/openid", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    )
    begun = browser.get("/sign-in/openid")
    back = query(house.provider.consent(begun.headers["Location"]))
    assert browser.head(back).status_code == 200
    assert browser.get(back).headers["Location"] == "/settings"


def test_without_a_rule_that_matches_the_page_names_the_claims_and_not_their_values(
    house: House,
) -> None:
    house.provider.claims = {"groups": ["cooks"], "email": "alice@example.com"}
    answer = house.journey()
    assert answer.status_code == 403
    assert "These claims were looked at: email, groups" in words(answer)
    assert "cooks" not in words(answer)
    assert house.facts("access.sign_in_failed") == [SignInFailed(user="248289761001", way="openid")]


def test_the_page_speaks_japanese(house: House) -> None:
    browser = house.browser()
    japanese = {"Accept-Language": "ja"}
    assert "でサインイン" in words(browser.get("/sign-in", headers=japanese))
    answer = browser.get(query({"state": "x"}), headers=japanese)
    assert "このサインインはこのブラウザーで開始されていない" in words(answer)


def test_on_plain_http_nobody_comes_in_from_elsewhere(house: House) -> None:
    browser = house.browser()
    for path in ("/sign-in/openid", query({"state": "x"})):
        answer = browser.get(path, environ_base={"REMOTE_ADDR": "203.0.113.9"})
        assert answer.status_code == 403


def test_without_a_provider_there_is_no_such_page(
    provider: Provider, sqlite_url: str, tmp_path: Path
) -> None:
    nothing = dict.fromkeys(
        (
            "RELAYBOOK_OIDC_ISSUER",
            "RELAYBOOK_OIDC_CLIENT_ID",
            "RELAYBOOK_OIDC_CLIENT_SECRET",
            "RELAYBOOK_OIDC_ROLES",
        ),
        "",
    )
    with a_house(provider, sqlite_url, tmp_path, now=_now(), **nothing) as house:
        browser: FlaskClient = house.browser()
        assert "/sign-in/openid" not in words(browser.get("/sign-in"))
        assert browser.get("/sign-in/openid").status_code == 404
        assert browser.get(query({"state": "x"})).status_code == 404


@pytest.mark.parametrize("minutes", [10, 60])
def test_attempts_that_nobody_finished_are_forgotten(house: House, minutes: int) -> None:
    house.browser().get("/sign-in/openid")
    attempts = house.relaybook.sign_in.openid_attempts
    house.watch.forward(minutes=9)
    attempts.forget_old(house.watch())
    with house.relaybook.read_engine.connect() as connection:
        assert len(connection.execute(select(openid_attempts)).all()) == 1
    house.watch.forward(minutes=minutes)
    attempts.forget_old(house.watch())
    with house.relaybook.read_engine.connect() as connection:
        assert connection.execute(select(openid_attempts)).all() == []

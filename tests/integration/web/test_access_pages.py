"""Users and tokens by their pages: created, shown once, refused at the field, revoked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.web.in_process import a_service, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.http.asking import Asker, Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("pages"), sqlite_template) as service:
        yield service


@pytest.fixture(scope="module")
def ask(service: Service) -> Asker:
    return service.asker("admin")


def shown_once(page: str) -> str | None:
    found = re.search(r'id="shown-once" value="([^"]+)"', page)
    return None if found is None else found[1]


def test_a_user_without_a_password_gets_one_that_is_shown_once(ask: Asker) -> None:
    form = {"name": "alice", "password": "", "roles": ["operator"], "tenants": "acme\nglobex"}
    made = ask("POST", "/users", data=form).get_data(as_text=True)
    password = shown_once(made)
    assert password is not None
    assert ask("POST", "/sign-in", data={"user": "alice", "password": password}).status_code == 302
    again = ask("GET", "/users").get_data(as_text=True)
    assert password not in again
    assert "acme, globex" in again


def test_a_chosen_password_is_not_shown(ask: Asker) -> None:
    form = {"name": "bob", "password": "correct horse battery", "roles": ["reader"]}
    made = ask("POST", "/users", data=form).get_data(as_text=True)
    assert shown_once(made) is None
    assert "correct horse" not in made
    assert "all tenants" in made


def test_what_is_wrong_stands_at_its_field(ask: Asker) -> None:
    form = {"name": "a b", "password": "short", "roles": ["operator"]}
    page = ask("POST", "/users", data=form)
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert 'id="name-error"' in text
    assert 'id="password-error"' in text
    assert 'value="a b"' in text
    without = ask("POST", "/users", data={"name": "carol"}).get_data(as_text=True)
    assert 'id="roles-error"' in without


def test_a_user_that_is_there_is_not_created_twice(ask: Asker) -> None:
    form = {"name": "dora", "password": "", "roles": ["reader"]}
    ask("POST", "/users", data=form)
    assert ask("POST", "/users", data=form).status_code == 409


def test_a_revoked_user_signs_in_no_more(ask: Asker) -> None:
    form = {"name": "eve", "password": "correct horse battery", "roles": ["reader"]}
    ask("POST", "/users", data=form)
    assert ask("POST", "/users/eve/revoke").status_code == 302
    signed = ask("POST", "/sign-in", data={"user": "eve", "password": form["password"]})
    assert signed.status_code == 401
    assert "eve" in said(ask("GET", "/users"))
    assert ask("POST", "/users/nobody/revoke").status_code == 404


def test_a_token_is_shown_once_and_tells_its_last_use(service: Service, ask: Asker) -> None:
    form = {"name": "mailer", "roles": ["credentials"], "tenants": "acme", "days": "30"}
    made = ask("POST", "/tokens", data=form).get_data(as_text=True)
    token = shown_once(made)
    assert token is not None
    bearer = {"Authorization": f"Bearer {token}"}
    me = service.app.test_client().get("/v1/me", headers=bearer).get_json()
    assert me == {"actor": me["actor"], "roles": ["credentials"], "tenants": ["acme"]}
    again = ask("GET", "/tokens").get_data(as_text=True)
    assert token not in again
    row = said(ask("GET", "/tokens")).partition("mailer")[2]
    assert "2026-03-02 12:00" in row


def test_wrong_days_are_refused_at_the_field(ask: Asker) -> None:
    for days in ("0", "-1", "soon", "1.5"):
        form = {"name": "mailer", "roles": ["reader"], "days": days}
        page = ask("POST", "/tokens", data=form)
        assert page.status_code == 422
        assert 'id="days-error"' in page.get_data(as_text=True)


def test_a_revoked_token_is_refused(service: Service, ask: Asker) -> None:
    made = ask("POST", "/tokens", data={"name": "short-lived", "roles": ["reader"]})
    token = shown_once(made.get_data(as_text=True))
    token_id = next(
        one.id for one in service.relaybook.read_model.tokens() if one.name == "short-lived"
    )
    assert ask("POST", f"/tokens/{token_id}/revoke").status_code == 302
    bearer = {"Authorization": f"Bearer {token}"}
    assert service.app.test_client().get("/v1/me", headers=bearer).status_code == 401

"""Users over HTTP: who may sign in by password, and as whom."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.config_api.application.sign_in_tries import TooManyTries
from services.config_api.bootstrap import build
from services.config_api.http.app import create_app
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

PASSWORD = "correct horse battery"
ALICE = {"name": "alice", "password": PASSWORD, "roles": ["operator", "reader"]}


def sign_in(service: Service, user: str, password: str) -> TestResponse:
    """Return what the sign-in page answers to a form."""
    form = {"user": user, "password": password}
    headers = {"Sec-Fetch-Site": "same-origin"}
    return service.app.test_client().post("/sign-in", data=form, headers=headers)


def test_a_user_is_made_listed_and_revoked(service: Service, admin: Asker) -> None:
    made = admin("POST", "/v1/users", ALICE | {"tenants": ["globex", "acme"]})
    assert made.status_code == 201
    body = made.get_json()
    assert body == {
        "name": "alice",
        "roles": ["operator", "reader"],
        "tenants": ["acme", "globex"],
        "created_at": "2026-01-31T12:00:00Z",
        "created_by": body["created_by"],
        "revoked_at": None,
    }
    assert body["created_by"].startswith("token:")
    assert admin("GET", "/v1/users").get_json() == {"items": [body], "next": None}

    service.watch.forward(minutes=1)
    assert admin("DELETE", "/v1/users/alice").status_code == 204
    revoked = body | {"revoked_at": "2026-01-31T12:01:00Z"}
    assert admin("GET", "/v1/users").get_json()["items"] == [revoked]
    assert admin("DELETE", "/v1/users/alice").status_code == 204
    problem(admin("DELETE", "/v1/users/nobody"), 404, "not-found")


def test_a_user_who_is_there_is_not_made_again_until_it_was_revoked(
    service: Service, admin: Asker
) -> None:
    assert admin("POST", "/v1/users", ALICE).status_code == 201
    other = {"name": "alice", "password": "another horse battery", "roles": ["admin"]}
    assert "alice" in problem(admin("POST", "/v1/users", other), 409, "already-exists")["detail"]
    assert sign_in(service, "alice", PASSWORD).status_code == 302

    admin("DELETE", "/v1/users/alice")
    assert admin("POST", "/v1/users", other).get_json()["roles"] == ["admin"]
    assert sign_in(service, "alice", PASSWORD).status_code == 401
    assert sign_in(service, "alice", other["password"]).status_code == 302  # type: ignore[arg-type]  # a text


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"name": "a b"}, "/name", "user_name_invalid"),
        ({"name": ""}, "/name", "user_name_invalid"),
        ({"name": "x" * 65}, "/name", "user_name_invalid"),
        ({"password": "elevenchars"}, "/password", "password_short"),
        ({"password": "x" * 1025}, "/password", "too_long"),
        ({"password": "correct\nhorse battery"}, "/password", "password_controls"),
        ({"name": "Alice.Liddell", "password": "alice.liddell"}, "/password", "password_is_name"),
        ({"roles": []}, "/roles", "empty"),
        ({"roles": ["king"]}, "/roles", "wrong_value"),
        ({"tenants": []}, "/tenants", "empty"),
        ({"tenants": ["a b"]}, "/tenants/0", "id_invalid"),
        ({"days": 3}, "/days", "unknown_field"),
    ],
)
def test_a_user_that_is_wrong_is_refused_by_field(
    admin: Asker, change: dict[str, object], pointer: str, code: str
) -> None:
    body = problem(admin("POST", "/v1/users", ALICE | change), 422, "validation-failed")
    assert [one["pointer"] for one in body["errors"]] == [pointer]
    if code not in {"empty", "wrong_value"}:
        assert body["errors"][0]["code"] == code
    assert PASSWORD not in str(body)
    japanese = admin(
        "POST", "/v1/users", ALICE | change, headers={"Accept-Language": "ja"}
    ).get_json()
    assert japanese["errors"][0]["detail"] != body["errors"][0]["detail"]
    assert admin("GET", "/v1/users").get_json()["items"] == []


def test_an_administrator_of_some_tenants_has_no_say_over_users(
    service: Service, admin: Asker
) -> None:
    limited = service.asker("admin", tenants=["acme"])
    for tenants in (None, ["acme"]):
        problem(limited("POST", "/v1/users", ALICE | {"tenants": tenants}), 403, "forbidden")
    problem(limited("GET", "/v1/users"), 403, "forbidden")
    problem(limited("DELETE", "/v1/users/alice"), 403, "forbidden")
    assert admin("GET", "/v1/users").get_json()["items"] == []


def test_a_password_is_neither_in_events_nor_in_rows(service: Service, admin: Asker) -> None:
    assert PASSWORD not in admin("POST", "/v1/users", ALICE).get_data(as_text=True)
    events = service.relaybook.store.read_all(after=0, limit=100).events
    assert all(PASSWORD.encode() not in event.data for event in events)
    with service.relaybook.read_engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM passwords").all()
    assert row.hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_user_acts_with_its_own_roles_and_tenants(service: Service, admin: Asker) -> None:
    admin("POST", "/v1/users", ALICE | {"tenants": ["acme"]})
    client = service.app.test_client()
    form = {"user": "alice", "password": PASSWORD}
    entered = client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert entered.headers["Location"] == "/settings"
    told = client.get("/v1/me").get_json()
    assert (told["actor"], told["tenants"]) == ("user:alice", ["acme"])
    assert told["roles"] == ["operator", "reader"]

    admin("DELETE", "/v1/users/alice")
    problem(client.get("/v1/me"), 401, "unauthenticated")
    admin("POST", "/v1/users", ALICE)  # a session of the one before does not come to life again
    problem(client.get("/v1/me"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("user", "password"),
    [("alice", "wrong horse battery"), ("alice", ""), ("nobody", PASSWORD), ("", PASSWORD),
     ("a b", PASSWORD), ("alice", "x" * 5_000)],
)  # fmt: skip
def test_whoever_knows_the_password_only_comes_in(
    service: Service, admin: Asker, user: str, password: str
) -> None:
    admin("POST", "/v1/users", ALICE)
    answer = sign_in(service, user, password)
    assert answer.status_code == 401
    assert "User or password is wrong." in answer.get_data(as_text=True)


def test_a_password_holds_however_its_letters_were_composed(service: Service, admin: Asker) -> None:
    admin("POST", "/v1/users", ALICE | {"password": "Caf\u00e9 au lait, bitte"})
    assert sign_in(service, "alice", "Cafe\u0301 au lait, bitte").status_code == 302


def test_the_eleventh_try_within_five_minutes_is_not_taken(service: Service, admin: Asker) -> None:
    admin("POST", "/v1/users", ALICE)
    for _ in range(10):
        assert sign_in(service, "alice", "wrong horse battery").status_code == 401
    refused = sign_in(service, "alice", PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "300"
    assert "5 min" in refused.get_data(as_text=True)

    service.watch.forward(minutes=5)
    assert sign_in(service, "alice", PASSWORD).status_code == 302


def test_tries_count_for_all_processes_together(service: Service, admin: Asker) -> None:
    admin("POST", "/v1/users", ALICE)
    relaybook = build(service.relaybook.settings, clock=service.watch)
    other = replace(service, app=create_app(relaybook), relaybook=relaybook)
    for one in (service, other) * 5:
        assert sign_in(one, "alice", "wrong horse battery").status_code == 401
    assert sign_in(other, "alice", PASSWORD).status_code == 429
    assert sign_in(service, "alice", PASSWORD).status_code == 429
    relaybook.close()


def test_tries_that_succeed_do_not_count(service: Service, admin: Asker) -> None:
    admin("POST", "/v1/users", ALICE)
    for _ in range(12):
        assert sign_in(service, "alice", PASSWORD).status_code == 302


def test_a_name_that_nobody_has_is_not_kept(service: Service) -> None:
    sign_in(service, "my-secret-typed-as-a-name", "x")
    event = service.relaybook.store.read_all(after=0, limit=10).events[-1]
    assert event.type == "access.sign_in_failed"
    assert b"my-secret" not in event.data
    with service.relaybook.read_engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sign_in_tries").all()
    assert "my-secret" not in str(rows)


def test_a_refusal_is_in_the_log_once_a_minute(service: Service) -> None:
    reader = service.asker("reader")
    for _ in range(3):
        problem(reader("GET", "/v1/users"), 403, "forbidden")
    problem(reader("DELETE", "/v1/users/alice"), 403, "forbidden")
    assert denied(service) == ["GET /v1/users", "DELETE /v1/users/alice"]

    service.watch.forward(minutes=1)
    problem(reader("GET", "/v1/users"), 403, "forbidden")
    assert denied(service)[2:] == ["GET /v1/users"]
    service.relaybook.denials.forget_old(service.watch())
    assert denied(service)[3:] == []


def denied(service: Service) -> list[str]:
    """Return the refusals in the log."""
    events = service.relaybook.store.read_all(after=0, limit=100).events
    found = [event for event in events if event.type == "access.denied"]
    return [f"{one['method']} {one['path']}" for one in (decoded(event.data) for event in found)]


def decoded(data: bytes) -> dict[str, str]:
    body: dict[str, str] = json.loads(data)
    return body


def test_a_whole_ipv6_network_counts_as_one_address(service: Service) -> None:
    tries, now = service.relaybook.sign_in.tries, service.watch()
    for number in range(10):
        tries.begin(None, f"2001:db8::{number}", now)
    with pytest.raises(TooManyTries):
        tries.begin(None, "2001:db8::ffff:1", now)
    tries.begin(None, "2001:db8:0:1::1", now)

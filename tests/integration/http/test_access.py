from __future__ import annotations

from typing import get_args

import pytest

from events.access import Role
from services.config_api.domain.principal import Principal
from services.config_api.http.guard import access_of, check_routes
from tests.integration.http.asking import Asker, Service, problem

ROLES: tuple[Role, ...] = get_args(Role)


def test_every_route_says_who_may_use_it(service: Service) -> None:
    rules = list(service.app.url_map.iter_rules())
    assert len(rules) > 25
    for rule in rules:
        access_of(service.app, rule.endpoint)


def test_a_route_that_says_nothing_stops_the_start(service: Service) -> None:
    service.app.view_functions["health.read_liveness"] = lambda: "ok"
    with pytest.raises(LookupError, match=r"health\.read_liveness"):
        check_routes(service.app)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_the_routes_that_are_its_own_and_no_others(
    service: Service, role: Role
) -> None:
    asker = service.asker(role)
    principal = Principal(actor="test", roles=frozenset({role}))
    tried = 0
    for rule in service.app.url_map.iter_rules():
        access = access_of(service.app, rule.endpoint)
        if not rule.rule.startswith("/v1/") or access.public or rule.rule.endswith("/stream"):
            continue
        path = rule.rule.replace("<int(max=9223372036854775807):position>", "999")
        path = path.replace("<setting_id>", "nobody").replace("<test_id>", "none")
        path = path.replace("<token_id>", "none")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = asker(method, path)
            entered = not access.roles or any(principal.may(one) for one in access.roles)
            assert (answer.status_code != 403) == entered, (role, method, path)
            assert answer.status_code < 500
            tried += 1
    assert tried >= 18


def test_nobody_enters_without_a_token(service: Service) -> None:
    for rule in service.app.url_map.iter_rules():
        if not rule.rule.startswith("/v1/") or access_of(service.app, rule.endpoint).public:
            continue
        path = (
            rule.rule.replace("<int(max=9223372036854775807):position>", "1")
            .replace("<", "")
            .replace(">", "")
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = service.stranger()(method, path)
            problem(answer, 401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "rb_" + "a" * 49, "Bearer rb_" + "a" * 49,
     "Bearer \u00e9", "bearer  "],
)  # fmt: skip
def test_a_token_that_does_not_hold_is_refused(service: Service, header: str) -> None:
    answer = service.stranger()("GET", "/v1/me", headers={"Authorization": header})
    problem(answer, 401, "unauthenticated")


def test_a_revoked_token_holds_no_more(service: Service, admin: Asker) -> None:
    made = admin("POST", "/v1/tokens", {"name": "x", "roles": ["reader"]}).get_json()
    asker = Asker(service.app, made["token"])
    assert asker("GET", "/v1/me").status_code == 200
    assert admin("DELETE", f"/v1/tokens/{made['id']}").status_code == 204
    problem(asker("GET", "/v1/me"), 401, "unauthenticated")


def test_an_expired_token_holds_no_more(service: Service, admin: Asker) -> None:
    made = admin("POST", "/v1/tokens", {"name": "x", "roles": ["reader"], "days": 1}).get_json()
    asker = Asker(service.app, made["token"])
    service.watch.forward(hours=23)
    assert asker("GET", "/v1/me").status_code == 200
    service.watch.forward(hours=2)
    problem(asker("GET", "/v1/me"), 401, "unauthenticated")


def test_whoever_asks_is_told_who_they_are(service: Service) -> None:
    body = service.asker("reader", "auditor", tenants=["acme"])("GET", "/v1/me").get_json()
    assert body["actor"].startswith("token:")
    assert (body["roles"], body["tenants"]) == (["auditor", "reader"], ["acme"])


def test_tokens_are_listed_without_their_text(admin: Asker) -> None:
    made = admin("POST", "/v1/tokens", {"name": "x", "roles": ["reader"], "tenants": ["acme"]})
    assert made.status_code == 201
    token = made.get_json()
    listed = admin("GET", "/v1/tokens")
    assert token["token"] not in listed.get_data(as_text=True)
    expected = {name: value for name, value in token.items() if name != "token"}
    assert expected in listed.get_json()["items"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"roles": ["reader"]}, "/name"),
        ({"name": "x"}, "/roles"),
        ({"name": "x", "roles": []}, "/roles"),
        ({"name": "x", "roles": ["king"]}, "/roles"),
        ({"name": "x", "roles": ["reader", "reader"]}, "/roles"),
        ({"name": "x\n", "roles": ["reader"]}, "/name"),
        ({"name": "x", "roles": ["reader"], "tenants": []}, "/tenants"),
        ({"name": "x", "roles": ["reader"], "tenants": ["a b"]}, "/tenants/0"),
        ({"name": "x", "roles": ["reader"], "days": 0}, "/days"),
        ({"name": "x", "roles": ["reader"], "days": 1.5}, "/days"),
        ({"name": "x", "roles": ["reader"], "days": True}, "/days"),
        ({"name": "x", "roles": ["reader"], "expires": "never"}, "/expires"),
    ],
)
def test_a_token_request_that_is_wrong_is_refused_by_field(
    admin: Asker, document: dict[str, object], pointer: str
) -> None:
    body = problem(admin("POST", "/v1/tokens", document), 422, "validation-failed")
    assert pointer in [error["pointer"] for error in body["errors"]]


def test_everything_that_is_wrong_with_a_token_request_is_told_at_once(admin: Asker) -> None:
    document = {"a/b": 1, "days": 3651, "tenants": ["acme", "a b"]}
    body = problem(admin("POST", "/v1/tokens", document), 422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [
        ("/a~1b", "unknown_field"),
        ("/days", "out_of_range"),
        ("/tenants/1", "id_invalid"),
        ("/name", "required"),
        ("/roles", "required"),
    ]


def test_an_unknown_token_cannot_be_revoked(admin: Asker) -> None:
    problem(admin("DELETE", "/v1/tokens/none"), 404, "not-found")


def test_who_is_limited_to_tenants_has_no_say_in_tokens(service: Service) -> None:
    limited = service.asker("admin", tenants=["acme"])
    document = {"name": "x", "roles": ["credentials"]}
    problem(limited("POST", "/v1/tokens", document), 403, "forbidden")
    problem(limited("GET", "/v1/tokens"), 403, "forbidden")
    problem(limited("DELETE", "/v1/tokens/none"), 403, "forbidden")


def test_the_list_of_tokens_tells_when_each_was_used_last(service: Service, admin: Asker) -> None:
    reader = service.asker("reader")

    def last_uses() -> list[str | None]:
        items = admin("GET", "/v1/tokens").get_json()["items"]
        return [one["last_used_at"] for one in items if one["roles"] == ["reader"]]

    assert last_uses() == [None]
    reader("GET", "/v1/me")
    first = last_uses()
    assert first == ["2026-01-31T12:00:00Z"]
    service.watch.forward(seconds=59)
    reader("GET", "/v1/me")
    assert last_uses() == first  # once a minute is enough
    service.watch.forward(seconds=1)
    reader("GET", "/v1/me")
    assert last_uses() == ["2026-01-31T12:01:00Z"]


def test_a_use_that_cannot_be_noted_keeps_nobody_out(service: Service) -> None:
    reader = service.asker("reader")
    with service.relaybook.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE token_uses RENAME TO gone")
    assert reader("GET", "/v1/me").status_code == 200

"""Through the layer or not: the same status, headers and body, byte by byte."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.integration.http.reads.both import Both, assert_same, bearer

if TYPE_CHECKING:
    from collections.abc import Collection

    from events.access import Role
    from services.config_api.http.reads.layer import ReadLayer
    from tests.integration.http.asking import Service

PATHS = [
    "/v1/smtp-settings/acme",
    "/v1/smtp-settings/acme/effective",
    "/v1/smtp-settings/other",
    "/v1/smtp-settings/other/effective",
    "/v1/smtp-settings?limit=1&count=true",
    "/v1/smtp-settings/default",
    "/v1/smtp-settings/nobody",
    "/v1/smtp-settings/nobody/effective",
    "/v1/smtp-settings/gone",
    "/v1/smtp-settings/gone/effective",
    "/v1/smtp-settings/acme/",
    "/v1/smtp-settings//acme",
    "/v1/smtp-settings/acme/history",
    "/v1/smtp-settings/acme/credentials",
    "/v1/smtp-settings/acme?at=1",
    "/v1/smtp-settings/acme?at=2026-01-31T12:00:00Z",
    "/v1/smtp-settings/acme?expand=last_test",
    "/v1/smtp-settings/acme?nonsense=1",
    "/v1/smtp-settings/acme/effective?render=django",
    "/v1/smtp-settings/ac%6de",
    "/v1/smtp-settings/acm\u00e9",
    "/v1/smtp-settings/" + "a" * 600,
    "/v1/smtp-settings",
    "/v1/smtp-settings/",
    "/v1/smtp-settings?q=acme",
    "/v1/smtp-settings?limit=1&cursor=nonsense",
    "/v1/smtp-settings?at=1",
    "/v1/smtp-settings?%61t=1",
    "/v1/smtp-settings?at=",
    "/v1/smtp-settings?verdict=passed&is_default=false",
    "/v1/smtp-settings?limit=1&limit=1",
    "/v1/smtp-settings?nonsense=1",
    "/V1/smtp-settings/acme",
    "/v1/me",
    "/settings/acme",
    "/livez",
    "/",
]
HEADERS = [
    {},
    {"If_None_Match": '"v1"'},
    {"If_None_Match": 'W/"v1"'},
    {"If_None_Match": '"v0", "v1", "acme-v1-none"'},
    {"If_None_Match": "*"},
    {"If_None_Match": "v1"},
    {"If_None_Match": '"default-v1-none"'},
    {"If_None_Match": ""},
    {"Accept_Language": "ja"},
    {"Accept": "text/html", "Accept_Encoding": "gzip", "Range": "bytes=0-1"},
    {"Cookie": "relaybook=nothing"},
    {"Host": "evil.example"},
    {"Host": "localhost:8587"},
    {"Host": ""},
    {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"},
    {"X_Forwarded_For": "192.0.2.1"},
    {"Transfer_Encoding": "gzip"},
    {"Body": "x"},
    {"Content_Type": "application/json"},
    {"Idempotency_Key": "one"},
    {"If_Match": '"v9"'},
    {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
    {"traceparent": "nonsense"},
]
AS: list[tuple[Role, Collection[str] | None]] = [
    ("reader", None),
    ("reader", ["acme"]),
    ("operator", None),
    ("auditor", None),
    ("credentials", ["other"]),
    ("tester", None),
]


@pytest.fixture
def both(service: Service, layer: ReadLayer) -> Both:
    operator = service.asker("operator")
    for setting_id in ("acme", "default", "gone"):
        answer = operator("POST", "/v1/smtp-settings", {"id": setting_id, "host": "mail.example"})
        assert answer.status_code == 201
    gone = operator("DELETE", "/v1/smtp-settings/gone", headers={"If-Match": "*"})
    assert gone.status_code == 204
    return Both(service, layer)


@pytest.fixture
def environ() -> dict[str, str]:
    return {"RELAYBOOK_PUBLIC_URL": "https://mail.example"}


@pytest.mark.parametrize(("role", "tenants"), AS)
def test_every_read_is_the_same(both: Both, role: Role, tenants: Collection[str] | None) -> None:
    assert_all_the_same(both, both.service.asker(role, tenants=tenants).token)


@pytest.mark.parametrize(("role", "tenants"), AS)
def test_every_read_that_is_not_kept_is_the_same(
    both: Both, role: Role, tenants: Collection[str] | None
) -> None:
    both.layer.close()
    both.by_layer(PATHS[0], **bearer(both.service.asker("reader").token))
    assert_all_the_same(both, both.service.asker(role, tenants=tenants).token)


def assert_all_the_same(both: Both, token: str | None) -> None:
    for path in PATHS:
        both.by_layer(path, **bearer(token))
    usual = product(PATHS[:5], HEADERS)
    for path, headers in (*usual, *product(PATHS[5:], HEADERS[:5])):
        assert_same(both, path, **bearer(token), **headers)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "get"])
def test_every_method_is_the_same(both: Both, method: str) -> None:
    token = both.service.asker("reader").token
    for path in PATHS:
        both.by_layer(path, **bearer(token))
        assert_same(both, path, method, **bearer(token))


def test_every_way_to_show_a_token_is_the_same(both: Both) -> None:
    token = both.service.asker("reader").token
    revoked = both.service.asker("reader").token
    path = "/v1/smtp-settings/acme"
    for header in (f"Bearer {token}", f"bearer  {token} ", f"Basic {token}", f"Bearer {token}x",
                   "Bearer", "", f"Bearer {revoked}", str(token)):  # fmt: skip
        both.by_layer(path, Authorization=header)
        assert_same(both, path, Authorization=header)
    assert_same(both, path)


def test_those_that_may_see_it_are_answered_by_the_layer(both: Both) -> None:
    token = both.service.asker("reader", tenants=["acme", "other"]).token
    for path in PATHS[:2]:
        both.keep(path, **bearer(token))
        both.keep(path, **bearer(token), If_None_Match='"v1", "acme-v1-none"')
    both.keep("/v1/smtp-settings/other/effective", **bearer(token))  # the default's
    for path in ("/v1/smtp-settings", "/v1/smtp-settings?limit=1&count=true"):
        both.keep(path, **bearer(token))
    unseen = both.service.asker("reader", tenants=["other"]).token
    both.by_layer(PATHS[0], **bearer(unseen))
    assert not both.is_kept(PATHS[0], **bearer(unseen))


def test_nobody_is_answered_with_the_page_of_somebody_who_sees_others(both: Both) -> None:
    tokens = {
        tenants: both.service.asker("reader", tenants=tenants and [tenants]).token
        for tenants in (None, "acme", "default", "other")
    }
    shown = {
        tenants: both.by_layer("/v1/smtp-settings?count=true", **bearer(token)).body
        for tenants, token in (*tokens.items(), *tokens.items())
    }
    assert b'"total":2' in shown[None]
    assert b'"id":"acme"' in shown["acme"]
    assert b'"id":"default"' not in shown["acme"]
    assert b'"id":"default"' in shown["default"]
    assert shown["other"] == b'{"items":[],"next":null,"total":0}'


def test_a_page_of_the_past_is_not_kept(both: Both) -> None:
    token = both.service.asker("reader").token
    for query in ("at=1", "%61t=1", "limit=1&at=2026-01-31T12:00:00Z"):
        path = f"/v1/smtp-settings?{query}"
        assert not both.is_kept(path, **bearer(token))
        assert not both.is_kept(path, **bearer(token))


def test_who_has_it_already_makes_the_layer_keep_it(both: Both) -> None:
    token = both.service.asker("reader").token
    both.keep("/v1/smtp-settings/acme", **bearer(token), If_None_Match='"v1"')
    assert both.by_layer("/v1/smtp-settings/acme", **bearer(token)).status == 200
    assert both.reached == []


def test_behind_a_proxy_the_forwarded_host_counts(both: Both) -> None:
    token = both.service.asker("reader").token
    path = "/v1/smtp-settings/acme"
    both.keep(path, **bearer(token))
    assert not both.is_kept(path, **bearer(token), X_Forwarded_Host="other.example")

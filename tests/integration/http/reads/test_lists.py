"""Every list is the same through the layer or not, whether it is kept or read from rows."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from services.config_api.http.schemas.parameters import cursor_text
from services.config_api.read_model.tables import last_tests
from tests.integration.http.reads.both import Both, assert_same, bearer, register

if TYPE_CHECKING:
    from collections.abc import Collection

    from events.access import Role
    from services.config_api.http.reads.layer import ReadLayer
    from tests.integration.http.asking import Service

LIST = "/v1/smtp-settings"
QUERIES = [
    "",
    "count=true",
    "limit=2",
    "limit=2&count=true",
    f"limit=2&cursor={cursor_text('acme')}",
    f"cursor={cursor_text('delta')}&limit=1",
    f"limit=2&cursor={cursor_text('zzz')}",
    f"limit=1&cursor={cursor_text('müller')}",
    f"cursor={cursor_text('')}",
    f"cursor={cursor_text('acme').rstrip('=')}",
    "cursor=" + cursor_text("a\nb"),
    "cursor=%C3%A9",
    "cursor=",
    "limit=500",
    "limit=501",
    "limit=0",
    "limit=",
    "limit",
    "limit=%D9%A3",
    "limit=+1",
    "count=yes",
    "is_default=true",
    "is_default=false&limit=2&count=true",
    "is_default=True",
    "verdict=passed",
    "verdict=failed&count=true&limit=1",
    "verdict=nonsense",
    "verdict=passed&is_default=false&q=acme&limit=1&count=true",
    "q=ACME",
    "q=acme&limit=1&count=true",
    "q=M%C3%9CLLER",
    "q=xn--",
    "q=e",
    "q=mail.",
    "q=no%5Fbody",
    "q=no+body",
    "q=%25",
    "q=_",
    "q=/",
    "q=%5C",
    "q=*",
    "q='",
    "q=%22",
    "q=",
    "q",
    "q=a=b",
    "q=%00",
    "q=%0A",
    "q=%FF",
    "q=%ED%A0%80",
    "q=%E2%80%A8",
    "q=\u00fc",
    "q=" + "x" * 256,
    "q=" + "x" * 257,
    "q=a&q=b",
    "q=a;limit=1",
    "&&limit=1&",
    "=1",
    "l%69mit=1",
    "LIMIT=1",
    "nonsense=1",
    "limit=0&count=maybe&nonsense=1",
    "at=1",
    "%61t=1&limit=1",
]  # fmt: skip
#: Pages of the past, and what is no UTF-8 or no ASCII as it is sent.
UNUSUAL = {"at=1", "%61t=1&limit=1", "q=%FF", "q=%ED%A0%80", "q=\u00fc"}
HEADERS = [{}, {"If_None_Match": "*", "Accept_Language": "ja", "Accept_Encoding": "gzip"}]
AS: list[tuple[Role, Collection[str] | None]] = [
    ("reader", None),
    ("reader", ["acme", "delta", "none"]),
    ("tester", None),
]


@pytest.fixture
def database_url(store_url: str) -> str:
    return store_url


@pytest.fixture
def both(service: Service, layer: ReadLayer) -> Both:
    sender = {"method": "password", "user": "no_body@acme.example", "password": "s3cret-one"}
    register(service, "acme", auth=sender)
    register(service, "delta", host="m\u00fcller.example")
    for setting_id in ("acme.two", "default", "omega"):
        register(service, setting_id)
    tested = {"position": 1, "test_id": "t", "setting_version": 1}
    ended = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
    with service.relaybook.engine.connect() as connection:
        for setting_id, verdict in (("acme", "passed"), ("delta", "failed"), ("omega", "failed")):
            values = {"setting_id": setting_id, "verdict": verdict, "finished_at": ended, **tested}
            connection.execute(insert(last_tests).values(values))
    return Both(service, layer)


@pytest.mark.parametrize(("role", "tenants"), AS)
def test_every_list_is_the_same(both: Both, role: Role, tenants: Collection[str] | None) -> None:
    assert_all_the_same(both, both.service.asker(role, tenants=tenants).token)


@pytest.mark.parametrize(("role", "tenants"), AS)
def test_every_list_that_is_not_kept_is_the_same(
    both: Both, role: Role, tenants: Collection[str] | None
) -> None:
    both.layer.close()
    assert_all_the_same(both, both.service.asker(role, tenants=tenants).token)


def test_every_list_but_unusual_ones_is_read_past_flask(both: Both) -> None:
    both.layer.close()
    token = both.service.asker("reader").token
    for query in ("", "limit=1"):
        both.by_layer(f"{LIST}?{query}", **bearer(token))
    for query in QUERIES:
        both.reached.clear()
        said = both.by_layer(f"{LIST}?{query}", **bearer(token))
        by_flask = said.status != 200 or query in UNUSUAL
        assert both.reached == ([LIST] if by_flask else []), query


def assert_all_the_same(both: Both, token: str | None) -> None:
    for query in QUERIES:
        both.by_layer(f"{LIST}?{query}", **bearer(token))
    for query, headers in product(QUERIES, HEADERS):
        assert_same(both, f"{LIST}?{query}", **bearer(token), **headers)

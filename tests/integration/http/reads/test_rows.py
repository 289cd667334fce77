"""What is not kept is read from rows, past Flask, which refuses alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from events.store.port import StoreUnavailable
from services.config_api.http.reads.layer import ReadLayer
from services.config_api.read_model.queries import ReadModel
from tests.integration.http.reads.both import ACME, Both, bearer, register

if TYPE_CHECKING:
    from tests.integration.http.asking import Service

OTHER = "/v1/smtp-settings/other"
LIST = "/v1/smtp-settings"
FIRST = f"{LIST}?limit=1"


@pytest.fixture
def database_url(store_url: str) -> str:
    return store_url


@pytest.fixture
def unkept(service: Service) -> Both:
    """A service whose layer keeps nothing, and has seen Flask answer for `other` and for pages."""
    for setting_id in ("acme", "other"):
        register(service, setting_id)
    both = Both(service, ReadLayer(service.app, service.relaybook, 0))
    for path in (OTHER, LIST, FIRST):
        assert both.by_layer(path, **bearer(service.asker("reader").token)).status == 200
    both.reached.clear()
    return both


def test_a_row_is_read_past_flask_each_time(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    for _ in range(2):
        assert b'"id":"acme"' in unkept.by_layer(ACME, **token).body
    assert unkept.by_layer(ACME, **token, If_None_Match='"v1"').status == 304
    assert unkept.reached == []
    assert not unkept.is_kept(ACME, **token)


def test_a_page_is_read_past_flask_each_time(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    unkept.by_layer(FIRST, **token)
    first, rest = unkept.by_layer(FIRST, **token), unkept.by_layer(f"{LIST}?q=OTHER", **token)
    assert ids(first.body) == ["acme"]
    assert ids(rest.body) == ["other"]
    behind = dict(first.headers)["Link"].partition(">")[0].removeprefix("<")
    assert ids(unkept.by_layer(behind, **token).body) == ["other"]
    assert "Link" not in dict(rest.headers)
    assert unkept.reached == []


def test_a_page_holds_only_what_its_asker_sees(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader", tenants=["other"]).token)
    assert ids(unkept.by_layer(f"{LIST}?count=true", **token).body) == ["other"]
    assert unkept.reached == []


def test_a_page_that_was_read_is_kept(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(f"{LIST}?is_default=true", **token)
    both.reached.clear()
    assert not both.is_kept(LIST, **token)
    assert both.is_kept(LIST, **token)
    assert both.reached == []


def test_no_page_is_read_under_headers_that_flask_has_not_shown(service: Service) -> None:
    both, token = (
        Both(service, ReadLayer(service.app, service.relaybook, 0)),
        bearer(service.asker("reader").token),
    )
    for setting_id in ("acme", "other"):
        register(service, setting_id)
    for path in (LIST, FIRST):
        both.reached.clear()
        for _ in range(2):
            assert both.by_layer(path, **token).status == 200
        assert both.reached == [LIST]


def test_a_row_that_was_read_is_kept(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    register(both.service, "other")
    both.keep(OTHER, **token)
    both.reached.clear()
    assert not both.is_kept(ACME, **token)
    assert both.is_kept(ACME, **token)
    assert both.reached == []


def test_a_row_is_read_as_it_was_changed(unkept: Both) -> None:
    service = unkept.service
    reader, operator = bearer(service.asker("reader").token), service.asker("operator")
    for port in (25, 465):
        changed = operator("PATCH", ACME, {"port": port}, headers={"If-Match": "*"})
        assert changed.status_code == 200
        unkept.reached.clear()
        for path in (ACME, LIST):
            assert f'"port":{port},'.encode() in unkept.by_layer(path, **reader).body
        assert unkept.reached == []


def test_whoever_may_not_read_it_is_refused_by_flask(unkept: Both) -> None:
    asker = unkept.service.asker
    refused = {
        403: bearer(asker("tester").token),
        404: bearer(asker("reader", tenants=["other"]).token),
        401: bearer("unknown"),
    }
    for status, token in refused.items():
        unkept.reached.clear()
        assert unkept.by_layer(ACME, **token).status == status
        assert unkept.reached == [ACME]
    assert unkept.by_layer(ACME).status == 401
    for token in (refused[403], refused[401], {}):
        unkept.reached.clear()
        assert unkept.by_layer(LIST, **token).status in {401, 403}
        assert unkept.reached == [LIST]


def test_what_is_asked_otherwise_reaches_flask(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    asked = {
        "/v1/smtp-settings/nobody": 404,
        f"{ACME}?expand=last_test": 200,
        f"{ACME}?at=1": 404,
        f"{ACME}/effective": 200,
        f"{LIST}?at=1": 200,
        f"{LIST}?limit=0": 422,
        f"{LIST}?limit=1&limit=1": 422,
        f"{LIST}?nonsense=1": 422,
        f"{LIST}?q=%ff": 200,
        f"{LIST}?q=\u00e9": 200,
    }
    for path, status in asked.items():
        unkept.reached.clear()
        assert unkept.by_layer(path, **token).status == status
        assert unkept.reached == [path.partition("?")[0]]
    unkept.reached.clear()
    assert unkept.by_layer(ACME, **token, Host="evil.example").status == 400
    assert unkept.reached == [ACME]


def test_a_row_that_cannot_be_read_is_told_by_flask(
    unkept: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **_more: object) -> None:
        raise StoreUnavailable("gone")

    token = bearer(unkept.service.asker("reader").token)
    monkeypatch.setattr(ReadModel, "setting", away)
    monkeypatch.setattr(ReadModel, "settings_page", away)
    for path in (ACME, LIST):
        unkept.reached.clear()
        assert unkept.by_layer(path, **token).status == 503
        assert unkept.reached == [path]


def test_answers_from_rows_are_counted_as_requests(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    unkept.by_layer(ACME, **token)
    unkept.by_layer(ACME, **token, If_None_Match='"v1"')
    figures = unkept.counted()
    assert "relaybook_reads_kept_total 0.0" in figures
    assert "relaybook_reads_keeping 0.0" in figures


def ids(page: bytes) -> list[str]:
    """Return the IDs on a page."""
    return [one["id"] for one in json.loads(page)["items"]]

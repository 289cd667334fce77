"""What is not kept of one setting is read from its row, past Flask, which refuses alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.store.port import StoreUnavailable
from services.config_api.http.reads.layer import ReadLayer
from services.config_api.read_model.queries import ReadModel
from tests.integration.http.reads.both import ACME, Both, bearer, register

if TYPE_CHECKING:
    from tests.integration.http.asking import Service

OTHER = "/v1/smtp-settings/other"


@pytest.fixture
def database_url(store_url: str) -> str:
    return store_url


@pytest.fixture
def unkept(service: Service) -> Both:
    """A service whose layer keeps nothing, and has seen Flask answer for `other`."""
    for setting_id in ("acme", "other"):
        register(service, setting_id)
    both = Both(service, ReadLayer(service.app, service.relaybook, 0))
    assert both.by_layer(OTHER, **bearer(service.asker("reader").token)).status == 200
    both.reached.clear()
    return both


def test_a_row_is_read_past_flask_each_time(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    for _ in range(2):
        assert b'"id":"acme"' in unkept.by_layer(ACME, **token).body
    assert unkept.by_layer(ACME, **token, If_None_Match='"v1"').status == 304
    assert unkept.reached == []
    assert not unkept.is_kept(ACME, **token)


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
        assert f'"port":{port},'.encode() in unkept.by_layer(ACME, **reader).body
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


def test_what_is_asked_otherwise_reaches_flask(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    asked = {
        "/v1/smtp-settings/nobody": 404,
        f"{ACME}?expand=last_test": 200,
        f"{ACME}?at=1": 404,
        f"{ACME}/effective": 200,
        "/v1/smtp-settings": 200,
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
    def away(_model: ReadModel, _setting_id: str) -> None:
        raise StoreUnavailable("gone")

    token = bearer(unkept.service.asker("reader").token)
    monkeypatch.setattr(ReadModel, "setting", away)
    assert unkept.by_layer(ACME, **token).status == 503
    assert unkept.reached == [ACME]


def test_answers_from_rows_are_counted_as_requests(unkept: Both) -> None:
    token = bearer(unkept.service.asker("reader").token)
    unkept.by_layer(ACME, **token)
    unkept.by_layer(ACME, **token, If_None_Match='"v1"')
    figures = unkept.counted()
    assert "relaybook_reads_kept_total 0.0" in figures
    assert "relaybook_reads_keeping 0.0" in figures

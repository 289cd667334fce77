"""A token that is known is refused as soon as one that is looked up, whatever it is used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.config_api.read_model.tokens import StoredToken, Tokens
from tests.integration.http.reads.both import ACME, Both, bearer, ctx

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook


@pytest.fixture
def database_url(store_url: str) -> str:
    return store_url


def test_a_revoked_token_is_refused_at_once(both: Both, elsewhere: Relaybook) -> None:
    _, secret = elsewhere.access.create_token(
        name="t", roles=["reader"], tenants=None, days=None, ctx=ctx(both.service)
    )
    token = bearer(secret.reveal())
    both.keep(ACME, **token)
    known = elsewhere.access.token_of(secret.reveal())
    assert known is not None
    elsewhere.access.revoke_token(known.id, ctx(both.service))
    assert both.by_layer(ACME, **token).status == 401


def test_a_known_token_of_a_change_is_refused_once_it_is_revoked(
    both: Both, elsewhere: Relaybook, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = both.service.asker("operator")
    assert change(both, operator.token) == 200
    asked = tokens_asked_for(monkeypatch)
    assert change(both, operator.token) == 200
    assert asked == []
    with elsewhere.notices.changing(["token-1"]):
        assert change(both, operator.token) == 200
    assert len(asked) == 1
    known = elsewhere.access.token_of(operator.token or "")
    assert known is not None
    elsewhere.access.revoke_token(known.id, ctx(both.service))
    assert change(both, operator.token) == 401


def test_a_known_token_of_a_change_ends_at_its_time(both: Both) -> None:
    _, secret = both.service.relaybook.access.create_token(
        name="t", roles=["operator"], tenants=None, days=1, ctx=ctx(both.service)
    )
    assert change(both, secret.reveal()) == 200
    both.service.watch.forward(days=1)
    assert change(both, secret.reveal()) == 401


def test_who_does_not_see_changes_asks_for_each_token(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = both.service.asker("operator")
    assert change(both, operator.token) == 200
    both.layer.close()
    asked = tokens_asked_for(monkeypatch)
    for _ in range(2):
        assert change(both, operator.token) == 200
    assert len(asked) == 2


def change(both: Both, token: str | None) -> int:
    """Change a setting through the layer; return the status."""
    heads = {"If_Match": "*", "Content_Type": "application/json", "Body": '{"port": 465}'}
    return both.by_layer(ACME, "PATCH", **bearer(token), **heads).status


def tokens_asked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that will hold the hash of each token that the database is asked for."""
    asked: list[str] = []
    by_hash = Tokens.by_hash

    def noting(tokens: Tokens, sha256: str) -> StoredToken | None:
        asked.append(sha256)
        return by_hash(tokens, sha256)

    monkeypatch.setattr(Tokens, "by_hash", noting)
    return asked


def test_a_token_ends_at_its_time(both: Both) -> None:
    _, secret = both.service.relaybook.access.create_token(
        name="t", roles=["reader"], tenants=None, days=1, ctx=ctx(both.service)
    )
    token = bearer(secret.reveal())
    both.keep(ACME, **token)
    both.service.watch.forward(days=1)
    assert both.by_layer(ACME, **token).status == 401

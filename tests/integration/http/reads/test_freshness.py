"""What the layer answers is never older than what was acknowledged, whoever changed it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from events.store.port import StoreUnavailable
from services.config_api.http.reads.layer import ReadLayer
from services.config_api.read_model.rebuild import rebuild
from tests.integration.http.reads.both import ACME, Both, bearer, ctx, register
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook
    from tests.integration.http.asking import Service

EFFECTIVE = "/v1/smtp-settings/acme/effective"
PAGE = "/v1/smtp-settings?limit=10"


@pytest.fixture
def database_url(store_url: str) -> str:
    return store_url


def patch(service: Service, setting_id: str, **fields: Any) -> None:
    answer = service.asker("operator")(
        "PATCH", f"/v1/smtp-settings/{setting_id}", fields, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200


def test_a_change_is_seen_at_once(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(ACME, **token)
    both.keep(EFFECTIVE, **token)
    both.keep(PAGE, **token)
    patch(both.service, "acme", port=465)
    for path in (ACME, EFFECTIVE, PAGE):
        assert not both.is_kept(path, **token)
        assert b'"port":465' in both.by_layer(path, **token).body
        assert both.is_kept(path, **token)


def test_another_tenants_change_leaves_it_kept(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    register(both.service, "other")
    operator, document = both.service.asker("operator"), {"port": 465}
    both.keep(ACME, **token)
    operator("PATCH", "/v1/smtp-settings/other", document, headers={"If-Match": "*"})
    assert both.is_kept(ACME, **token)


def test_a_page_shows_whoever_came_and_went(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(PAGE, **token)
    register(both.service, "other")
    assert b'"id":"other"' in both.by_layer(PAGE, **token).body
    both.keep(PAGE, **token)
    gone = both.service.asker("operator")(
        "DELETE", "/v1/smtp-settings/other", headers={"If-Match": "*"}
    )
    assert gone.status_code == 204
    assert b'"id":"other"' not in both.by_layer(PAGE, **token).body


def test_a_page_shows_a_test_that_ended(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(PAGE, **token)
    ask = both.service.asker("admin")
    made = ask("POST", "/v1/connection-tests", {"setting_id": "acme"})
    assert made.status_code == 202, made.get_data(as_text=True)
    both.keep(PAGE, **token)
    ended = ask("POST", f"/v1/connection-tests/{made.get_json()['id']}/cancel")
    assert ended.status_code < 300, ended.get_data(as_text=True)
    assert not both.is_kept(PAGE, **token)


def test_the_default_changes_what_applies_to_others(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    path = "/v1/smtp-settings/nobody/effective"
    assert both.by_layer(path, **token).status == 404
    register(both.service, "default")
    both.keep(path, **token)
    patch(both.service, "default", port=25)
    assert b'"port":25,' in both.by_layer(path, **token).body
    both.keep(path, **token)
    register(both.service, "nobody", port=2525)
    assert b'"resolved_from":"nobody"' in both.by_layer(path, **token).body


def test_the_use_of_a_token_is_noted_by_the_layer(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(ACME, **token)
    both.service.watch.forward(hours=1)
    assert both.is_kept(ACME, **token)
    at = both.service.watch().isoformat().replace("+00:00", "Z")
    told = both.service.relaybook.read_model.tokens()
    assert at in {one.document()["last_used_at"] for one in told}


def test_the_layers_answers_are_counted(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(ACME, **token)
    both.by_layer(ACME, **token, If_None_Match='"v1"')
    both.counted()


def test_nothing_is_kept_while_a_change_is_under_way(both: Both, elsewhere: Relaybook) -> None:
    token = bearer(both.service.asker("reader").token)
    with elsewhere.notices.changing(["smtp_setting-acme"]):
        both.by_layer(ACME, **token)
        assert not both.is_kept(ACME, **token)
    both.keep(ACME, **token)
    with elsewhere.notices.changing(["token-1"]):
        assert not both.is_kept(ACME, **token)
    both.keep(ACME, **token)


def test_a_rebuild_makes_readers_ask_again(both: Both, elsewhere: Relaybook) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(ACME, **token)
    with elsewhere.notices.changing(None):
        rebuild(elsewhere.engine, elsewhere.store)
        assert not both.is_kept(ACME, **token)
    both.keep(ACME, **token)


def test_what_a_stranger_changes_is_seen_soon(
    both: Both, elsewhere: Relaybook, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = bearer(both.service.asker("reader").token)
    register(both.service, "default")
    inherited = "/v1/smtp-settings/nobody/effective"
    for path in (ACME, EFFECTIVE, inherited, PAGE):
        both.keep(path, **token)
    monkeypatch.setattr(elsewhere.store, "_notices", Silent())
    at = ctx(both.service)
    for setting_id in ("acme", "default"):
        elsewhere.smtp_settings.patch(setting_id, {"port": 465}, None, at)
    eventually(lambda: b'"port":465' in both.by_layer(ACME, **token).body)
    for path in (EFFECTIVE, inherited, PAGE):
        eventually(lambda path=path: b'"port":465' in both.by_layer(path, **token).body)  # type: ignore[misc]  # bound at once
    known = elsewhere.access.token_of(token["Authorization"].removeprefix("Bearer "))
    assert known is not None
    elsewhere.access.revoke_token(known.id, at)
    eventually(lambda: both.by_layer(ACME, **token).status == 401)


def test_a_log_that_was_cut_makes_readers_ask_again(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.layer.follower.follow()
    for path in (ACME, PAGE):
        both.keep(path, **token)
    both.layer.follower.seen = (10_000, 10_000)
    both.layer.follower.follow()
    for path in (ACME, PAGE):
        assert not both.is_kept(path, **token)


def test_a_database_that_is_away_does_not_end_following(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def away() -> int:
        asked.append(1)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(both.layer.follower, "follow", away)
    eventually(lambda: len(asked) > 1)


def test_a_layer_that_ends_leaves_all_to_flask(both: Both) -> None:
    token = bearer(both.service.asker("reader").token)
    both.keep(ACME, **token)
    both.layer.close()
    assert not both.is_kept(ACME, **token)
    assert not both.layer.keeps


def test_hosts_tokens_and_heads_are_bounded(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.config_api.http.reads.layer._MOST_HOSTS", 1)
    monkeypatch.setattr("services.config_api.http.reads.layer._MOST_HEADS", 1)
    monkeypatch.setattr("services.config_api.http.reads.tokens._MOST", 1)
    token: dict[str, str] = {}
    for _ in range(3):
        token = bearer(both.service.asker("reader").token)
        for path in (ACME, EFFECTIVE):
            both.keep(path, **token)
    assert not both.is_kept(ACME, **token, Host="127.0.0.2")


def test_answers_take_no_more_than_they_may(service: Service) -> None:
    layer = ReadLayer(service.app, service.relaybook, most_bytes=12_000)
    layer.start()
    eventually(lambda: layer.keeps)
    both = Both(service, layer)
    token = bearer(service.asker("reader").token)
    for number in range(20):
        register(service, f"t{number}")
    for number in range(20):
        both.by_layer(f"/v1/smtp-settings/t{number}", **token)
        both.by_layer(f"{PAGE}&q=t{number}", **token)
    assert 0 < len(layer.shelf) < 12
    assert len(layer.pages) < 12
    assert not both.is_kept("/v1/smtp-settings/t0", **token)
    assert both.is_kept("/v1/smtp-settings/t0", **token)
    layer.close()


class Silent:
    """Tells nobody, as a program that knows nothing of boards."""

    def changing(self, _streams: object) -> AbstractContextManager[None]:
        return nullcontext()

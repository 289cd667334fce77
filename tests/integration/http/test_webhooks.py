"""Webhooks over HTTP: registered, read, replaced, deleted; deliveries listed and replayed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.config_api.application.webhook_deliveries import delivery_for, delivery_row
from services.config_api.application.webhook_messages import WebhookMessage
from services.config_api.read_model.rebuild import rebuild
from services.config_api.read_model.writing import write_rows
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from services.config_api.application.webhook_deliveries import Delivery

PATH = "/v1/webhooks"
HOOK: dict[str, Any] = {
    "id": "hook",
    "name": "Chat",
    "url": "https://hooks.acme.example/in",
    "types": ["smtp_setting.*", "alert.*"],
}
ANY = {"If-Match": "*"}


def made(operator: Asker, **changes: Any) -> dict[str, Any]:
    answer = operator("POST", PATH, HOOK | changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def with_deliveries(service: Service, number: int) -> list[Delivery]:
    """Put deliveries of the hook there, a second apart."""
    found = []
    for place in range(number):
        at = service.watch() + timedelta(seconds=place)
        message = WebhookMessage(
            id=f"m-{place}", type="smtp_setting.updated", tenant="acme", at=at, data={}, position=1
        )
        found.append(delivery_for("hook", message, at))
    write_rows(service.relaybook.engine, [delivery_row(one) for one in found])
    return found


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, store_url: str) -> str:
        return store_url

    def test_a_webhook_is_registered_read_listed_replaced_and_deleted(
        self, service: Service, operator: Asker
    ) -> None:
        whole = made(operator)
        secret = whole.pop("secret")
        assert secret.startswith("whsec_")
        assert (whole["version"], whole["active"], whole["tenants"]) == (1, True, None)
        read = operator("GET", f"{PATH}/hook")
        assert (read.get_json(), read.headers["ETag"]) == (whole, '"v1"')
        same = operator("GET", f"{PATH}/hook", headers={"If-None-Match": '"v1"'})
        assert same.status_code == 304
        (listed,) = operator("GET", PATH).get_json()["items"]
        assert listed.pop("deliveries") == {"pending": 0, "delivered": 0, "parked": 0}
        assert listed == whole
        changed = operator(
            "PUT", f"{PATH}/hook", whole | {"active": False}, headers={"If-Match": '"v1"'}
        )
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
        assert "secret" not in changed.get_json()  # it stayed
        renewed = operator("PUT", f"{PATH}/hook", HOOK | {"secret": None}, headers=ANY).get_json()
        assert renewed["secret"] != secret
        assert renewed["previous_until"] == "2026-02-01T12:00:00Z"
        given = operator("PUT", f"{PATH}/hook", HOOK | {"secret": secret}, headers=ANY).get_json()
        assert (given["secret"], given["version"]) == (secret, 4)
        stays = operator("PUT", f"{PATH}/hook", HOOK | {"secret": secret}, headers=ANY).get_json()
        assert (stays.get("secret"), stays["version"]) == (None, 4)
        assert rebuild(service.relaybook.engine, service.relaybook.store).differing == 0
        assert operator("DELETE", f"{PATH}/hook", headers={"If-Match": '"v4"'}).status_code == 204
        problem(operator("GET", f"{PATH}/hook"), 404, "not-found")
        assert operator("GET", PATH).get_json()["items"] == []
        assert made(operator)["version"] == 6

    def test_deliveries_are_listed_newest_first_page_by_page(
        self, service: Service, operator: Asker
    ) -> None:
        made(operator)
        written = with_deliveries(service, 5)
        address: str | None = f"{PATH}/hook/deliveries?limit=2"
        seen: list[str] = []
        while address is not None:
            page = operator("GET", address).get_json()
            seen += [one["id"] for one in page["items"]]
            following = page["next"]
            address = following and f"{PATH}/hook/deliveries?limit=2&cursor={following}"
        assert seen == [one.id for one in reversed(written)]
        service.relaybook.webhooks.deliveries.park_pending("hook", "status")
        again = operator("POST", f"{PATH}/hook/deliveries/{seen[0]}/replay")
        assert (again.status_code, again.get_json()["state"]) == (202, "pending")
        parked = operator("GET", f"{PATH}/hook/deliveries?state=parked").get_json()["items"]
        assert [one["id"] for one in parked] == seen[1:]
        assert {one["reason"] for one in parked} == {"status"}
        everything = operator("POST", f"{PATH}/hook/deliveries/replay")
        assert (everything.status_code, everything.get_json()) == (202, {"replayed": 4})
        (listed,) = operator("GET", PATH).get_json()["items"]
        assert listed["deliveries"] == {"pending": 5, "delivered": 0, "parked": 0}
        status = operator("GET", "/v1/status").get_json()
        assert status["webhooks"] == {"pending": 5, "parked": 0}
        figures = operator("GET", "/metrics").get_data(as_text=True)
        assert 'relaybook_webhook_deliveries{state="pending"} 5.0' in figures


def test_a_webhook_without_an_id_is_given_one(operator: Asker) -> None:
    fields = {name: value for name, value in HOOK.items() if name not in {"id", "name"}}
    answer = operator("POST", PATH, fields)
    body = answer.get_json()
    assert answer.headers["Location"] == f"{PATH}/{body['id']}"
    assert body["name"] == body["id"]


def test_the_first_answer_comes_again_for_its_key_and_is_sealed(
    service: Service, operator: Asker
) -> None:
    key = {"Idempotency-Key": "once"}
    first = operator("POST", PATH, HOOK, headers=key).get_json()
    again = operator("POST", PATH, HOOK, headers=key)
    assert (again.status_code, again.get_json()) == (201, first)
    problem(operator("POST", PATH, HOOK), 409, "already-exists")
    database = service.relaybook.settings.database_url.partition(":///")[2]
    with open(database, "rb") as file:  # noqa: PTH123 -- a path out of a URL
        assert first["secret"].encode() not in file.read()


def test_what_is_wrong_is_told_at_once(operator: Asker) -> None:
    wrong = {"id": "/", "url": "ftp://x", "types": ["nothing.*", 5], "secret": "short", "more": 1}
    errors = problem(operator("POST", PATH, wrong), 422, "validation-failed")["errors"]
    pointers = {error["pointer"] for error in errors}
    assert pointers == {"/id", "/url", "/types/1", "/secret", "/more"}
    problem(operator("POST", PATH, [1]), 422, "validation-failed")
    made(operator)
    other = operator("PUT", f"{PATH}/hook", HOOK | {"id": "other"}, headers=ANY)
    assert problem(other, 422, "validation-failed")["errors"][0]["pointer"] == "/id"
    problem(operator("PUT", f"{PATH}/hook", HOOK), 428, "precondition-required")
    stale = operator("DELETE", f"{PATH}/hook", headers={"If-Match": '"v9"'})
    problem(stale, 412, "version-conflict")


def test_only_auditors_ask_for_what_only_they_read(operator: Asker, admin: Asker) -> None:
    everything = HOOK | {"types": ["#"]}
    refused = problem(operator("POST", PATH, everything), 403, "forbidden")
    assert "auditors" in refused["detail"]
    assert admin("POST", PATH, everything).status_code == 201
    elsewhere = everything | {"url": "https://other.example/in"}
    problem(operator("PUT", f"{PATH}/hook", elsewhere, headers=ANY), 403, "forbidden")


def test_a_test_message_waits_to_be_sent(operator: Asker) -> None:
    made(operator)
    answer = operator("POST", f"{PATH}/hook/ping")
    assert (answer.status_code, answer.get_json()["type"]) == (202, "webhook.ping")
    (listed,) = operator("GET", f"{PATH}/hook/deliveries").get_json()["items"]
    assert listed == answer.get_json()


def test_what_is_not_there(operator: Asker) -> None:
    made(operator)
    for method, path in (
        ("GET", "/none"),
        ("GET", "/none/deliveries"),
        ("POST", "/none/ping"),
        ("POST", "/none/deliveries/replay"),
        ("POST", "/hook/deliveries/none/replay"),
    ):
        problem(operator(method, PATH + path), 404, "not-found")
    for query in ("cursor=bm9uZQ==", "cursor=!", "state=lost", "limit=0"):
        problem(operator("GET", f"{PATH}/hook/deliveries?{query}"), 422, "validation-failed")

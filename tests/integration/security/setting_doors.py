"""Plants secrets by settings, right and wrong, and by their tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.integration.security.doors import ANY, PROPERTY, SETTINGS, TESTS, setting, tested, told

if TYPE_CHECKING:
    import httpx

    from tests.integration.security.swept_house import House


def through_settings(house: House) -> None:
    """Register, replace, change and restore, each with a new password; properties hold others."""
    new, port = house.canaries.new, house.welcoming.port
    with house.client() as client:
        posted = setting(port, new("POST: password"), id="acme",
                         session_properties={PROPERTY: new("POST: secret property")})  # fmt: skip
        told(client.post(SETTINGS, json=posted), 201)
        put = setting(port, new("PUT: password"), session_properties={})
        told(client.put(f"{SETTINGS}/acme", json=put, headers=ANY), 200)
        patch = {"auth": {"password": new("PATCH: password")},
                 "session_properties": {PROPERTY: new("PATCH: secret property")}}  # fmt: skip
        told(client.patch(f"{SETTINGS}/acme", json=patch, headers=ANY), 200)
        restore = {"version": 1, "password": new("restore: password")}
        told(client.post(f"{SETTINGS}/acme/restore", json=restore, headers=ANY), 200)
        kept = setting(port, new("POST with a key: password"), id="globex")
        for _ in range(2):
            told(client.post(SETTINGS, json=kept, headers={"Idempotency-Key": "k1"}), 201)
        told(client.delete(f"{SETTINGS}/globex", headers=ANY), 204)


def through_mistakes(house: House) -> None:
    """Send passwords where they do not belong, and in requests that are refused."""
    new, port = house.canaries.new, house.welcoming.port
    with house.client() as client:
        _through_fields(house, client)
        _through_syntax(house, client)
        moved = {"host": "127.0.0.2", "session_properties": {PROPERTY: new("moved: property")}}
        told(client.patch(f"{SETTINGS}/acme", json=moved, headers=ANY), 422)
        there = setting(port, new("409: password"), id="acme")
        told(client.post(SETTINGS, json=there, headers={"Idempotency-Key": "k9"}), 409)
        stale = {"If-Match": '"v1"'}
        told(client.put(f"{SETTINGS}/acme", json=setting(port, new("412: password")),
                        headers=stale), 412)  # fmt: skip
        told(client.put(f"{SETTINGS}/nobody", json=setting(port, new("404: password")),
                        headers=ANY), 404)  # fmt: skip
        told(client.put(f"{SETTINGS}/acme", json=setting(port, new("428: password"))), 428)


def _through_fields(house: House, client: httpx.Client) -> None:
    """Send passwords in place of other values."""
    new, port = house.canaries.new, house.welcoming.port
    wrong: dict[str, Any] = {
        "port": new("port: password"), "security": new("security: password"),
        "debug": new("debug: password"), "tls_protocols": [new("TLS version: password")],
        "ca_pem": new("CA: password"), "timeout_ms": {"a": new("timeout: password")},
        "password": new("unknown field: password"),
    }  # fmt: skip
    for name, value in wrong.items():
        answer = client.post(SETTINGS, json=setting(port, "x", id="wrong") | {name: value},
                             headers={"Idempotency-Key": f"wrong-{name}"})  # fmt: skip
        told(answer, 422)
    for number, value in enumerate(([new("list: password")], {"a": new("object: password")})):
        told(client.post(SETTINGS, json=setting(port, value, id=f"wrong{number}")), 422)
    whole = setting(port, "x", id="wrong") | {"auth": new("auth: password")}
    told(client.post(SETTINGS, json=whole), 422)
    auth = {"method": new("method: password"), "mechanism": new("mechanism: password")}
    told(client.post(SETTINGS, json=setting(port, "x", id="wrong", auth=auth)), 422)


def _through_syntax(house: House, client: httpx.Client) -> None:
    """Send what is no JSON, no such type, and no such query."""
    new, as_json = house.canaries.new, {"Content-Type": "application/json"}
    quoted = json.dumps(new("malformed JSON: password"), ensure_ascii=False)
    for text in (f'{{"password": {quoted},,}}', f'{{"a": {quoted}, "a": {quoted}}}', quoted + "x"):
        told(client.post(SETTINGS, content=text.encode(), headers=as_json), 400)
    told(client.post(SETTINGS, content=quoted.encode(), headers=as_json), 422)
    told(client.post(SETTINGS, content=quoted.encode(), headers={"Content-Type": "text/x"}), 415)
    asked = {"password": new("query: password"), "limit": new("limit: password")}
    told(client.get(SETTINGS, params=asked), 422)
    told(client.get(f"/{new('path: password', kind='ascii')}"), 404)
    for value in (new("wrong token", kind="visible"), "rb_" + new("token", kind="visible")):
        told(client.get(SETTINGS, headers={"Authorization": f"Bearer {value}"}), 401)
    with house.stranger() as stranger:
        cookie = {"Cookie": f"relaybook={new('wrong cookie', kind='visible')}"}
        told(stranger.get(SETTINGS, headers=cookie), 401)


def through_tests(house: House) -> None:
    """Test stored settings and drafts, against a server that says everything again, too."""
    new = house.canaries.new
    echoed = setting(house.echoing.port, new("echoed: password", kind="jagged"), id="echoed")
    drafts = [
        {"draft": setting(peer.port, new(f"draft: password {number}", kind="jagged"))}
        for number, peer in enumerate((house.welcoming, house.echoing))
    ]
    with house.client() as client:
        told(client.post(SETTINGS, json=echoed), 201)
        bad = {"draft": setting(house.echoing.port, new("invalid draft: password"), security="?")}
        told(client.post(TESTS, json=bad), 422)
        ended = tested(client, {"setting_id": "acme"}, {"setting_id": "echoed"}, *drafts)
        codes = [one["code"] for one in ended]
        assert codes == ["ok", "bad_credentials", "ok", "bad_credentials"]
        for one in ended:
            told(client.get(f"{TESTS}/{one['id']}/stream"), 200)
            told(client.get(f"/tests/{one['id']}"), 200)
        told(client.get("/v1/events", params={"limit": 500}), 200)
        told(client.get(f"{SETTINGS}/acme/history"), 200)
        told(client.get(f"{SETTINGS}/acme/effective"), 200)
        told(client.get("/metrics"), 200)

"""Behind proxies: the address, host and scheme that the trusted ones tell, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.config_api.http.hosts import hosts_of
from services.config_api.settings import read_settings
from tests.integration.http.asking import Service

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PROXY = "192.0.2.80"
SETTING = {"host": "a.example"}


@pytest.fixture
def environ() -> dict[str, str]:
    """Return the variables of a service behind two proxies."""
    return {
        "RELAYBOOK_TRUSTED_PROXIES": "2",
        "RELAYBOOK_PUBLIC_URL": "https://Mail.Example",
        "RELAYBOOK_BIND": "0.0.0.0:8587",
    }


def recorded_address(service: Service, **headers: str) -> Any:
    """Return the source_ip of the event of a change that came with these headers."""
    operator = service.asker("operator")
    name = f"s{len(operator('GET', '/v1/smtp-settings').get_json()['items'])}"
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    made = operator(
        "POST", "/v1/smtp-settings", SETTING | {"id": name}, headers=sent,
        environ_base={"REMOTE_ADDR": PROXY},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    history = operator("GET", f"/v1/smtp-settings/{name}/history").get_json()
    return history["items"][0]["source_ip"]


def test_events_have_the_address_that_the_first_trusted_proxy_saw(service: Service) -> None:
    for forwarded, address in (
        ("203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("1.1.1.1, 127.0.0.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),  # the rest is hearsay
        ("203.0.113.9:51234, 198.51.100.7", "203.0.113.9"),
        ("[2001:db8::9]:51234, 198.51.100.7", "2001:db8::9"),
        ("::ffff:203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("nonsense, 198.51.100.7", None),
        ("198.51.100.7", PROXY),  # fewer hops than agreed: it did not come through all of them
    ):
        assert recorded_address(service, X_Forwarded_For=forwarded) == address, forwarded
    assert recorded_address(service, Forwarded="for=203.0.113.9") == PROXY


def ask(client: FlaskClient, host: str, **headers: str) -> int:
    sent = {"Host": host} | {key.replace("_", "-"): value for key, value in headers.items()}
    return client.get("/sign-in", headers=sent).status_code


def test_the_host_is_the_one_that_the_first_trusted_proxy_was_asked_for(service: Service) -> None:
    client = service.app.test_client()
    assert ask(client, "upstream", X_Forwarded_Host="mail.example, inner") == 200
    assert ask(client, "upstream", X_Forwarded_Host="mail.example, evil.example, inner") == 400
    assert ask(client, "evil.example", X_Forwarded_Host="mail.example") == 400  # one hop too few
    assert ask(client, "mail.example") == 200
    assert ask(client, "evil.example") == 400


def test_beyond_loopback_a_service_is_called_by_addresses_and_names_of_the_inside() -> None:
    settings = read_settings({"RELAYBOOK_BIND": "0.0.0.0:8587"})
    wide = hosts_of(settings)
    for name in ("10.0.0.7:8587", "[fd00::7]:8587", "relaybook:8587", "relaybook.mail.svc",
                 "relaybook.mail.svc.cluster.local", "mail.internal", "localhost"):  # fmt: skip
        assert wide.include(name), name
    assert not wide.include("relaybook.example")
    local = hosts_of(replace(settings, bind=read_settings({}).bind))
    assert not local.include("10.0.0.7:8587")
    assert not local.include("relaybook")


def sign_in(service: Service, base: str, **headers: str) -> int:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    client = service.app.test_client()
    data = {"user": "nobody", "password": "wrong"}
    return client.post("/sign-in", base_url=base, data=data, headers=sent).status_code


def test_an_own_page_has_the_public_origin_whole(service: Service) -> None:
    inner = "http://localhost:8587"
    assert sign_in(service, inner, Origin="https://mail.example") == 401
    for origin in ("http://mail.example", "https://mail.example:8443", "https://evil.example",
                   "null", "https://mail.example.evil.example"):  # fmt: skip
        assert sign_in(service, inner, Origin=origin) == 403, origin


def test_behind_https_browsers_are_told_to_stay_there(service: Service) -> None:
    answer = service.app.test_client().get("/sign-in", headers={"Host": "mail.example"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"

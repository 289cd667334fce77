"""The rules of a setting's fields, as somebody who only sees HTTP meets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from services.config_api.bootstrap import build, prepare
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from tests.integration.http.asking import Service, Watch, problem
from tests.integration.http.setting_cases import (
    HOST,
    PEM,
    REFUSED,
    REFUSED_PROPERTIES,
    WARNED,
    WARNED_PROPERTIES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.http.asking import Asker

ALL = "/v1/smtp-settings"
PATH = "/v1/smtp-settings/acme"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Return an operator of one service for all tests that leave nothing or an ID of their own."""
    folder = tmp_path_factory.mktemp("rules")
    settings = read_settings({"RELAYBOOK_DATA_DIR": str(folder)})
    watch = Watch()
    prepare(settings, clock=watch)
    relaybook = build(settings, clock=watch)
    yield Service(create_app(relaybook), relaybook, watch).asker("operator")
    relaybook.close()


def register(operator: Asker, language: str = "en", **fields: Any) -> Any:
    document = {"id": "acme", "host": HOST} | fields
    return operator("POST", ALL, document, headers={"Accept-Language": language})


def the_error(operator: Asker, language: str, **fields: Any) -> dict[str, Any]:
    """Return the only error of a setting, told in the language that was asked for."""
    answer = register(operator, language, **fields)
    (error,) = problem(answer, 422, "validation-failed")["errors"]
    assert bool(re.search("[ぁ-ん]", error["detail"])) is (language == "ja")
    assert not re.search(r"[{}]|None|—", error["detail"])
    return dict(error)


def taken(operator: Asker, language: str, **fields: Any) -> dict[str, Any]:
    """Return what a setting with an ID of its own is answered with."""
    answer = register(operator, language, id=f"t{uuid4().hex}", **fields)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.get_json())


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_field_is_refused_and_what_to_change_is_told(
    shared: Asker, case: Any, language: str
) -> None:
    fields, pointer, code, fix = case
    error = the_error(shared, language, **fields)

    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error.get("fix") == ({"tls_protocols": fix} if isinstance(fix, list) else fix)
    assert "MAMCAQU" not in str(error)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", REFUSED_PROPERTIES)
def test_a_wrong_session_property_is_refused_and_what_to_change_is_told(
    shared: Asker, case: Any, language: str
) -> None:
    name, value, security, code, fix = case
    error = the_error(shared, language, security=security, session_properties={name: value})

    assert (error["pointer"], error["code"]) == (f"/session_properties/{name}", code)
    if isinstance(fix, str):
        assert error["fix"] == {"security": fix}
        assert fix in error["detail"]
    else:
        assert error.get("fix") == (fix and {"session_properties": fix})


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("fields", "codes", "words"), WARNED)
def test_an_odd_field_is_taken_with_a_warning(
    shared: Asker, fields: Any, codes: list[str], words: str, language: str
) -> None:
    warnings = taken(shared, language, **fields)["warnings"]

    assert [one["code"] for one in warnings] == codes
    told = warnings[0]["title"] + warnings[0]["hint"]
    assert words in told or (words, language) in {("user", "ja"), ("password", "ja")}
    assert bool(re.search("[ぁ-ん]", told)) is (language == "ja")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", WARNED_PROPERTIES)
def test_an_odd_session_property_is_taken_with_a_warning(
    shared: Asker, case: Any, language: str
) -> None:
    name, value, security, code, words = case
    answer = taken(shared, language, security=security, session_properties={name: value})
    (warning,) = answer["warnings"]

    assert warning["code"] == code
    assert words in warning["title"] + warning["hint"]
    assert answer["session_properties"] == {name: value}


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("faß.de", "xn--fa-hia.de"),
        ("\uff33\uff2d\uff34\uff30.Acme.Example", HOST),
        ("メール.例え.jp", "xn--4dkua4c.xn--r8jz45g.jp"),
        ("דואר.example", "xn--4dbfg1f.example"),
        (f"{HOST}.", HOST),
        ("mail_relay.internal", "mail_relay.internal"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_host_is_answered_in_its_stored_form_and_as_it_was_typed(
    shared: Asker, typed: str, host: str
) -> None:
    document = taken(shared, "en", host=typed)

    assert (document["host"], document["host_unicode"]) == (host, typed)
    assert "warnings" not in document


def test_everything_that_is_wrong_is_told_at_once(shared: Asker) -> None:
    answer = register(
        shared,
        id="-",
        host=f"{HOST}:25",
        port="x",
        security="ssl",
        tls_protocols=["SSLv3"],
        ca_pem="x",
        auth={"method": "password", "mechanism": "x"},
        debug=1,
        timeout_ms=0,
        session_properties={"x": "y"},
        colour="red",
    )
    errors = problem(answer, 422, "validation-failed")["errors"]

    assert {one["pointer"]: one["code"] for one in errors} == {
        "/id": "id_invalid",
        "/host": "host_has_port",
        "/port": "port_invalid",
        "/security": "not_one_of",
        "/tls_protocols/0": "protocol_unknown",
        "/ca_pem": "ca_pem_invalid",
        "/auth/user": "credentials_missing",
        "/auth/mechanism": "not_one_of",
        "/auth/password": "credentials_missing",
        "/debug": "wrong_type",
        "/timeout_ms": "out_of_range",
        "/session_properties/x": "property_name_invalid",
        "/colour": "unknown_field",
    }


def test_secret_properties_are_never_answered(operator: Asker, reader: Asker) -> None:
    names = ["mail.smtp.proxy.password", "mail.smtp.trustStorePassword", "mail.x.PASSWORD"]
    answer = register(operator, session_properties=dict.fromkeys(names, "canary"))
    shown = [answer, reader("GET", PATH), reader("GET", ALL), reader("GET", f"{PATH}/effective")]

    assert answer.get_json()["secret"] == "stored"
    assert all("canary" not in one.get_data(as_text=True) for one in shown)
    assert answer.get_json()["session_properties"] == {}


def test_an_expired_authority_is_a_warning_when_the_setting_is_sent(
    operator: Asker, service: Service
) -> None:
    service.watch.forward(days=365 * 100)
    late = service.asker("operator")
    answer = register(late, ca_pem=PEM)

    assert [one["code"] for one in answer.get_json()["warnings"]] == ["ca_pem_expired"]
    patched = late("PATCH", PATH, {"debug": True}, headers={"If-Match": "*"})
    assert [one["code"] for one in patched.get_json()["warnings"]] == ["ca_pem_expired"]
    assert "ACME Root" in patched.get_json()["warnings"][0]["title"]

from __future__ import annotations

from typing import Any

import pytest

from services.config_api.rendering.postfix import PostfixTarget, fits_inline
from tests.support.hostile import a_sending
from tests.support.settings import a_certificate

TOKEN = {"method": "access_token", "user": "u", "provider_id": "p", "password": None}


def text_of(**fields: Any) -> str:
    return PostfixTarget().render(a_sending(**fields), "en")


def parameters(**fields: Any) -> dict[str, str]:
    lines = [line for line in text_of(**fields).splitlines() if line and line[0] != "#"]
    return dict(line.split(" = ", 1) for line in lines)


def test_the_next_hop_stands_in_brackets() -> None:
    assert parameters()["relayhost"] == "[smtp.acme.example]:587"
    assert parameters(host="2001:db8::1")["relayhost"] == "[2001:db8::1]:587"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"security": "none"}, ("none", None, None)),
        ({"security": "starttls"}, ("secure", "no", "/etc/ssl/certs/ca-certificates.crt")),
        ({"security": "implicit_tls"}, ("secure", "yes", "/etc/ssl/certs/ca-certificates.crt")),
        ({"ca_pem": a_certificate()}, ("secure", "no", "/etc/postfix/relaybook-ca.pem")),
        (
            {"security": "none", "session_properties": {"mail.smtp.starttls.enable": "true"}},
            ("may", None, None),
        ),
    ],
)
def test_each_security(fields: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    found = parameters(**fields)
    names = ("smtp_tls_security_level", "smtp_tls_wrappermode", "smtp_tls_CAfile")
    assert tuple(found.get(name) for name in names) == expected


def test_versions_of_tls_are_mandatory_only_where_tls_is() -> None:
    versions = ["TLSv1.2", "TLSv1.3"]
    found = parameters(tls_protocols=versions)
    assert found["smtp_tls_mandatory_protocols"] == "TLSv1.2, TLSv1.3"
    properties = {"mail.smtp.starttls.enable": "true"}
    found = parameters(security="none", tls_protocols=versions, session_properties=properties)
    assert found["smtp_tls_protocols"] == "TLSv1.2, TLSv1.3"
    assert "smtp_tls_protocols" not in parameters(security="none", tls_protocols=versions)


def test_a_password_has_a_place_and_a_mechanism_is_a_filter() -> None:
    found = parameters(auth={"mechanism": "PLAIN"})
    assert found["smtp_sasl_auth_enable"] == "yes"
    entry = "{ [smtp.acme.example]:587 = mailer:<password> }"
    assert found["smtp_sasl_password_maps"] == f"inline:{{ {entry} }}"
    assert found["smtp_sasl_mechanism_filter"] == "plain"


@pytest.mark.parametrize("auth", [TOKEN, {"method": "none", "user": None, "password": None}])
def test_nobody_signs_in_without_a_password(auth: dict[str, Any]) -> None:
    found = parameters(auth=auth)
    assert found["smtp_sasl_auth_enable"] == "no"
    assert "smtp_sasl_password_maps" not in found


def test_times_are_whole_seconds_rounded_up() -> None:
    found = parameters(connection_timeout_ms=1, timeout_ms=1_001)
    assert (found["smtp_connect_timeout"], found["smtp_helo_timeout"]) == ("1s", "2s")
    found = parameters(connection_timeout_ms=None, timeout_ms=None)
    assert found["smtp_connect_timeout"] == "0s"
    assert "smtp_helo_timeout" not in found


@pytest.mark.parametrize(
    ("property_", "value", "parameter"),
    [
        ("mail.smtp.localhost", "app01", ("smtp_helo_name", "app01")),
        ("mail.smtp.localhost", "$x", ("smtp_helo_name", "$$x")),
        ("mail.smtp.localaddress", "192.0.2.1", ("smtp_bind_address", "192.0.2.1")),
        ("mail.smtp.localaddress", "2001:db8::2", ("smtp_bind_address6", "2001:db8::2")),
    ],
)
def test_session_properties_that_have_a_parameter(
    property_: str, value: str, parameter: tuple[str, str]
) -> None:
    properties = {property_: value}
    assert parameter in parameters(session_properties=properties).items()
    assert "no place here" not in text_of(session_properties=properties)


def test_debugging_is_for_this_server_alone() -> None:
    assert parameters(debug=True)["debug_peer_list"] == "smtp.acme.example"


@pytest.mark.parametrize("user", ["a:b", "{a", "a}", " a", "a ", ""])
def test_a_user_that_an_inline_table_cannot_hold(user: str) -> None:
    assert not fits_inline(user)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"auth": {"user": "a:b"}}, "cannot hold this user name"),
        ({"auth": TOKEN}, "OAuth access token"),
        ({"ca_pem": a_certificate()}, "-----BEGIN CERTIFICATE-----"),
        ({"timeout_ms": None}, "no time limit for answers"),
        ({"x_mailer": "Acme"}, 'X-Mailer: "Acme"'),
        (
            {"security": "none", "session_properties": {"mail.smtp.starttls.enable": "true"}},
            "not checked",
        ),
        (
            {"session_properties": {"mail.smtp.localhost": " x", "mail.smtp.localaddress": "eth0"}},
            "no place here: mail.smtp.localhost, mail.smtp.localaddress",
        ),
    ],
)
def test_what_postfix_cannot_do_is_said(fields: dict[str, Any], sentence: str) -> None:
    assert sentence in text_of(**fields)
    assert sentence not in text_of()

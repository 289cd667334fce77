from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from events.smtp_setting import SecretRef
from services.config_api.domain.setting_fields import make_draft
from services.config_api.rendering.registry import TARGETS
from services.config_api.rendering.sending import sending_of
from tests.support.hostile import a_sending


def with_properties(**properties: str) -> Any:
    named = {"mail.smtp." + name.replace("_", "."): value for name, value in properties.items()}
    return a_sending(session_properties=named)


def test_a_session_property_wins_over_its_field() -> None:
    sending = with_properties(
        host="Relay.Acme.Example", port="2525", user="other", timeout="5000", connectiontimeout="1"
    )
    assert (sending.host, sending.port, sending.user) == ("relay.acme.example", 2525, "other")
    assert (sending.timeout_ms, sending.connection_timeout_ms) == (5000, 1)
    assert sending.left_over() == ()


@pytest.mark.parametrize("value", ["5s", "0", "-1", " 5000", ""])
def test_a_time_that_java_ignores_is_no_limit(value: str) -> None:
    assert with_properties(timeout=value).timeout_ms is None


@pytest.mark.parametrize("value", ["x", "0", "65536", ""])
def test_a_port_that_java_ignores_is_that_of_the_protocol(value: str) -> None:
    properties = {"mail.smtp.port": value}
    assert a_sending(session_properties=properties).port == 25
    implicit = a_sending(security="implicit_tls", session_properties=properties)
    assert implicit.port == 465


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "a]:25, b"),
        ("auth", "false"),
        ("ssl_protocols", "TLSv1.2 SSLv3"),
        ("auth_mechanisms", "PLAIN /etc/passwd"),
        ("auth_mechanisms", "PLAIN,LOGIN"),
    ],
)
def test_a_value_of_no_use_is_left_over(name: str, value: str) -> None:
    sending = with_properties(**{name: value})
    assert sending.left_over() == ("mail.smtp." + name.replace("_", "."),)
    usual = a_sending()
    assert (sending.host, sending.tls_protocols) == (usual.host, usual.tls_protocols)
    assert sending.mechanisms == ()


def test_mechanisms_and_versions_of_the_properties_are_taken() -> None:
    sending = with_properties(auth_mechanisms="login PLAIN", ssl_protocols="TLSv1.3 TLSv1.3")
    assert sending.mechanisms == ("LOGIN", "PLAIN")
    assert sending.tls_protocols == ("TLSv1.3",)
    assert sending.left_over() == ()


def test_a_password_for_oauth_mechanisms_alone_is_an_access_token() -> None:
    assert with_properties(auth_mechanisms="XOAUTH2").method == "access_token"
    assert with_properties(auth_mechanisms="XOAUTH2 PLAIN").method == "password"


def test_the_protocol_smtps_has_properties_of_its_own() -> None:
    properties = {
        "mail.transport.protocol": "smtps",
        "mail.smtps.port": "2465",
        "mail.smtp.port": "1",
    }
    sending = a_sending(security="implicit_tls", session_properties=properties)
    assert (sending.port, sending.prefix) == (2465, "mail.smtps.")
    assert sending.left_over() == ("mail.smtp.port",)


def test_secret_properties_are_placeholders_or_named() -> None:
    values = make_draft({"host": "h"}).values
    name = "mail.smtp.proxy.password"
    refs = {name: SecretRef(id="a/x", version=1), "password": SecretRef(id="a/y", version=1)}
    sending = sending_of("acme", 3, replace(values, secrets=refs))
    texts = {target.name: target.render(sending, "en") for target in TARGETS.values()}
    assert sending.secret_properties == (name,)
    assert f"{name}=<{name}>\n" in texts["javamail"]
    assert f"spring.mail.properties.{name}=${{MAIL_SMTP_PROXY_PASSWORD}}\n" in texts["spring-boot"]
    for target in ("django", "env", "postfix"):
        assert f"no place here: {name}" in texts[target]

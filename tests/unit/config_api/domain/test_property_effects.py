from __future__ import annotations

import pytest

from events.connection_test import Warned
from events.smtp_setting import Auth, SecretRef, SettingValues
from services.config_api.domain.effective import mail_hosts
from services.config_api.domain.property_effects import without_effect
from services.config_api.domain.session_properties import warnings_about

SMTP = "mail.smtp."


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"localport": "2525"}, ["localport"]),
        ({"localport": "2525", "localaddress": "192.0.2.1"}, []),
        ({"proxy.port": "3128", "proxy.user": "u"}, ["proxy.port", "proxy.user"]),
        ({"proxy.host": "proxy", "proxy.port": "3128"}, []),
        ({"socks.host": "socks", "proxy.host": "proxy"}, ["socks.host"]),
        ({"sasl.mechanisms": "PLAIN", "sasl.enable": "false"}, ["sasl.mechanisms"]),
        ({"sasl.mechanisms": "PLAIN", "sasl.enable": "TRUE"}, []),
        ({"auth.plain.disable": "true", "auth.mechanisms": "LOGIN"}, ["auth.plain.disable"]),
        ({"auth.plain.disable": "true"}, []),
        ({"localport": "1", "localaddress": ""}, ["localport"]),
    ],
)
def test_a_property_that_needs_another_has_no_effect_without_it(
    properties: dict[str, str], names: list[str]
) -> None:
    given = {SMTP + name: value for name, value in properties.items()}
    assert list(without_effect(given, SMTP)) == [SMTP + name for name in names]


def test_what_the_other_protocol_reads_is_not_judged() -> None:
    assert list(without_effect({"mail.smtps.localport": "1", "mail.debug": "true"}, SMTP)) == []


def values(properties: dict[str, str], **changes: object) -> SettingValues:
    return SettingValues(
        host="smtp.acme.example", host_unicode="smtp.acme.example", port=587, security="starttls",
        tls_protocols=(), ca_pem=None,
        auth=Auth(method="none", user=None, mechanism=None, provider_id=None),
        x_mailer=None, debug=False, connection_timeout_ms=1, timeout_ms=1,
        session_properties=properties, **changes,  # type: ignore[arg-type]  # one at a time
    )  # fmt: skip


def test_a_stored_setting_is_warned_of_again() -> None:
    secrets = {
        "password": SecretRef(id="acme/password", version=1),
        "mail.smtp.proxy.password": SecretRef(id="acme/mail.smtp.proxy.password", version=1),
    }
    told = warnings_about(
        values({"mail.smtp.starttls.enabled": "true"}, secrets=secrets, secret="stored")
    )
    assert told == (
        Warned(
            code="unknown_property",
            facts={
                "name": "mail.smtp.starttls.enabled", "suggestion": "mail.smtp.starttls.enable",
            },
        ),
        Warned(code="property_without_effect", facts={"name": "mail.smtp.proxy.password"}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "hosts"),
    [
        ({}, ["smtp.acme.example"]),
        ({"mail.smtp.host": "smtp.acme.example"}, ["smtp.acme.example"]),
        ({"mail.smtp.host": "evil.example"}, ["smtp.acme.example", "evil.example"]),
        ({"mail.smtps.host": "evil.example"}, ["smtp.acme.example"]),
    ],
)
def test_a_property_may_name_another_host(properties: dict[str, str], hosts: list[str]) -> None:
    assert list(mail_hosts(values(properties))) == hosts

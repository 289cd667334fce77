from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import Warned
from services.config_api.domain.findings import Findings
from services.config_api.domain.jakarta_mail import OF_PROTOCOL, OF_SESSION
from services.config_api.domain.session_properties import read_properties


def read(given: Any) -> Findings:
    findings = Findings()
    read_properties(findings, given, "starttls")
    return findings


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("mail.smtp.timeout", "5s", "∞"),
        ("mail.smtp.connectiontimeout", " 5000", "∞"),
        ("mail.smtp.port", "2_5", "25"),
        ("mail.smtp.quitwait", "yes", "true"),
        ("mail.smtp.starttls.enable", "no", "false"),
        ("mail.smtp.sasl.enable", "true ", "false"),
        ("mail.debug", "1", "false"),
        ("mail.transport.protocol", "SMTP", "smtp"),
        ("mail.smtp.ssl.socketFactory", "com.acme.Factory", None),
        ("mail.smtp.socketFactory", "com.acme.Factory", None),
    ],
)
def test_a_value_that_java_ignores_is_a_warning_with_what_it_takes_instead(
    name: str, value: str, default: str | None
) -> None:
    findings = read({name: value})

    assert findings.errors == []
    assert findings.warnings == [
        Warned(
            code="property_value_ignored", facts={"name": name, "value": value, "default": default}
        )
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail.smtp.socketFactory.class", "com.acme.Factory"),
        ("mail.smtp.ssl.socketFactory.class", "com.acme.Factory"),
        ("mail.smtp.ssl.hostnameverifier.class", "com.acme.Verifier"),
        ("mail.smtp.class", "com.acme.Transport"),
        ("mail.smtp.usesocketchannels", "true"),
    ],
)
def test_what_means_something_inside_java_only_is_a_warning(name: str, value: str) -> None:
    findings = read({name: value})

    assert findings.errors == []
    assert findings.warnings == [Warned(code="property_for_java_only", facts={"name": name})]


def test_the_factory_of_java_itself_for_tls_is_nothing_to_warn_of() -> None:
    name, factory = "mail.smtp.ssl.socketFactory.class", "javax.net.ssl.SSLSocketFactory"

    assert read({name: factory}).warnings == []


@pytest.mark.parametrize(
    ("given", "warnings"),
    [
        (
            {"mail.smtp.auth.mechanisms": "LOGIN, PLAIN"},
            [("property_list_separator", "suggestion", "LOGIN PLAIN")],
        ),
        (
            {"mail.smtp.ssl.protocols": "TLSv1.2,TLSv1.3"},
            [("property_list_separator", "suggestion", "TLSv1.2 TLSv1.3")],
        ),
        (
            {"mail.smtp.ssl.protocols": "TLSv1.2 TLS1.3 SSLv3"},
            [("protocol_unknown", "value", "TLS1.3")],
        ),
        ({"mail.smtp.ssl.protocols": "TLSv1.2 TLSv1.3"}, []),
        ({"mail.smtp.sasl.mechanisms": "XOAUTH2,DIGEST-MD5", "mail.smtp.sasl.enable": "true"}, []),
        ({"mail.smtp.port": "70000"}, [("port_invalid", "value", "70000")]),
        (
            {"mail.smtp.proxy.port": "0", "mail.smtp.proxy.host": "proxy"},
            [("port_invalid", "value", "0")],
        ),
        ({"mail.smtp.port": "-1"}, []),
        ({"mail.smtp.port": "0x1F"}, []),
        ({"mail.smtp.ssl.trust": "*"}, [("certificate_not_verified", "name", None)]),
        ({"mail.smtp.ssl.trust": ""}, []),
        ({"mail.smtp.ssl.checkserveridentity": "false"}, [("identity_not_checked", "name", None)]),
        ({"mail.smtp.ssl.checkserveridentity": "true"}, []),
    ],
)
def test_values_that_java_stumbles_over_or_that_weaken_are_warned_of(
    given: dict[str, str], warnings: list[tuple[str, str, str | None]]
) -> None:
    findings = read(given)
    name = next(iter(given))

    assert findings.errors == []
    assert [one.code for one in findings.warnings] == [code for code, _, _ in warnings]
    for one, (_, fact, value) in zip(findings.warnings, warnings, strict=True):
        assert one.facts[fact] == (name if value is None else value)


def test_every_name_that_java_reads_is_known_with_both_protocols() -> None:
    for protocol, prefix in (("smtp", "mail.smtp."), ("smtps", "mail.smtps.")):
        given = {prefix + name: "1" for name in OF_PROTOCOL} | dict.fromkeys(OF_SESSION, "true")
        warnings = read(given | {"mail.transport.protocol": protocol}).warnings

        assert "unknown_property" not in {one.code for one in warnings}

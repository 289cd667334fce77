from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import Warned
from services.config_api.domain.findings import Findings
from services.config_api.domain.secret import Secret
from services.config_api.domain.session_properties import (
    is_destination_name,
    is_secret_name,
    overrides,
    read_properties,
)


def read(given: Any, security: Any = "starttls") -> Any:
    findings = Findings()
    plain, secrets = read_properties(findings, given, security)
    return plain, secrets, findings


def errors_of(given: Any, security: Any = "starttls") -> Any:
    return {error.pointer: error.code for error in read(given, security)[2].errors}


def test_names_that_end_in_password_are_secrets() -> None:
    plain, secrets, findings = read(
        {"mail.smtp.proxy.password": "s3cret", "mail.smtp.proxy.user": "proxy"}
    )

    assert plain == {"mail.smtp.proxy.user": "proxy"}
    assert secrets == {"mail.smtp.proxy.password": Secret("s3cret")}
    assert findings.errors == []


def test_null_removes_a_secret_property() -> None:
    assert read({"mail.smtp.proxy.password": None})[1] == {"mail.smtp.proxy.password": None}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("****", "masked_password"),
        ("", "required"),
        ("a\nb", "control_characters"),
        ("x" * 16385, "too_long"),
    ],
)
def test_a_secret_property_keeps_the_rules_of_a_password(value: Any, code: str) -> None:
    assert errors_of({"mail.smtp.proxy.password": value}) == {
        "/session_properties/mail.smtp.proxy.password": code
    }


@pytest.mark.parametrize(
    "name", ["smtp.port", "mail.", "mail.a b", "mail.ä", "mail." + "a" * 251, "mail.a\n"]
)
def test_a_name_outside_the_pattern_is_refused(name: str) -> None:
    assert set(errors_of({name: "x"}).values()) == {"property_name_invalid"}


def test_a_plain_property_is_a_string() -> None:
    assert errors_of({"mail.smtp.from": None}) == {
        "/session_properties/mail.smtp.from": "wrong_type"
    }


def test_control_characters_and_long_values_are_refused() -> None:
    assert errors_of({"mail.smtp.from": "a\r\nb", "mail.smtp.submitter": "x" * 4097}) == {
        "/session_properties/mail.smtp.from": "control_characters",
        "/session_properties/mail.smtp.submitter": "too_long",
    }


def test_an_empty_value_stays_empty() -> None:
    assert read({"mail.smtp.from": ""})[0] == {"mail.smtp.from": ""}


def test_too_many_properties_are_refused() -> None:
    assert errors_of({f"mail.x{number}": "" for number in range(257)}) == {
        "/session_properties": "too_many"
    }


def test_unknown_names_are_warnings_with_the_name_that_was_probably_meant() -> None:
    findings = read({"mail.smtp.starttls.enabled": "true", "mail.imap.port": "1"})[2]

    assert findings.errors == []
    assert findings.warnings == [
        Warned(
            code="unknown_property",
            facts={
                "name": "mail.smtp.starttls.enabled",
                "suggestion": "mail.smtp.starttls.enable",
            },
        ),
        Warned(
            code="unknown_property",
            facts={"name": "mail.imap.port", "suggestion": None},
        ),
    ]


def test_a_name_outside_the_pattern_is_refused_with_the_one_that_was_meant() -> None:
    (error,) = read({"smtp.port": "25"})[2].errors

    assert (error.code, error.facts["suggestion"]) == ("property_name_invalid", "mail.smtp.port")
    assert error.fix == {"session_properties": {"smtp.port": None, "mail.smtp.port": "25"}}


@pytest.mark.parametrize(
    "name", ["smtp.proxy.password", "mail_smtp_proxy_password", "smtp.proxy.passwort"]
)
def test_the_value_of_a_secret_is_not_in_the_fix_of_its_name(name: str) -> None:
    (error,) = read({name: "canary"})[2].errors

    assert error.facts["suggestion"] == "mail.smtp.proxy.password"
    assert "canary" not in repr(error)


def test_a_wrong_name_without_a_value_has_no_fix() -> None:
    (error,) = read({"smtp.port": None})[2].errors

    assert error.fix is None


@pytest.mark.parametrize(
    ("name", "value", "replaces"),
    [
        ("mail.smtp.ssl.enable", "yes", False),
        ("mail.smtp.starttls.required", "no", False),
        ("mail.smtp.starttls.enable", "1", False),
        ("mail.smtp.starttls.enable", "TRUE", True),
        ("mail.smtp.timeout", "5s", True),
        ("mail.smtp.localhost", "app01", True),
    ],
)
def test_a_flag_of_security_that_java_ignores_replaces_nothing(
    name: str, value: str, replaces: Any
) -> None:
    assert overrides(name, value, "mail.smtp.") is replaces


@pytest.mark.parametrize(
    ("security", "name", "value", "instead"),
    [
        ("starttls", "mail.smtp.ssl.enable", "true", "implicit_tls"),
        ("none", "mail.smtp.ssl.enable", "true", "implicit_tls"),
        ("implicit_tls", "mail.smtp.ssl.enable", "false", "none"),
        ("starttls", "mail.smtp.starttls.enable", "FALSE", "none"),
        ("starttls", "mail.smtp.starttls.required", "false", "none"),
        (
            "starttls",
            "mail.smtp.socketFactory.class",
            "javax.net.ssl.SSLSocketFactory",
            "implicit_tls",
        ),
        ("implicit_tls", "mail.smtp.socketFactory.fallback", "true", "none"),
        ("starttls", "mail.transport.protocol", "smtps", "implicit_tls"),
    ],
)
def test_a_property_that_contradicts_security_is_refused_with_the_security_to_use(
    security: Any, name: str, value: Any, instead: Any
) -> None:
    (error,) = read({name: value}, security)[2].errors

    assert error.code == "property_contradicts_security"
    assert error.pointer == f"/session_properties/{name}"
    assert error.fix == {"security": instead}
    told = {"name": name, "value": value, "security": instead}
    weakens = {"reason": "weakens", "now": security} if instead == "none" else {}
    assert error.facts == told | weakens


@pytest.mark.parametrize(
    ("security", "name", "value"),
    [
        ("none", "mail.smtp.starttls.enable", "true"),
        ("none", "mail.smtp.starttls.required", "true"),
        ("none", "mail.smtp.starttls.enable", "false"),
        ("none", "mail.smtp.ssl.enable", "false"),
        ("none", "mail.smtp.socketFactory.fallback", "true"),
        ("starttls", "mail.smtp.starttls.enable", "true"),
        ("starttls", "mail.smtp.ssl.enable", "false"),
        ("implicit_tls", "mail.smtp.ssl.enable", "true"),
        ("implicit_tls", "mail.smtp.starttls.enable", "false"),
        ("implicit_tls", "mail.smtp.socketFactory.fallback", "false"),
        ("implicit_tls", "mail.smtp.socketFactory.class", "javax.net.ssl.SSLSocketFactory"),
        ("implicit_tls", "mail.transport.protocol", "smtps"),
    ],
)
def test_a_property_that_agrees_or_strengthens_is_taken(
    security: Any, name: str, value: Any
) -> None:
    plain, _, findings = read({name: value}, security)

    assert (plain, findings.errors, findings.warnings) == ({name: value}, [], [])


def test_starttls_beside_implicit_tls_has_no_effect() -> None:
    findings = read({"mail.smtp.starttls.enable": "true"}, "implicit_tls")[2]

    assert findings.errors == []
    assert findings.warnings == [
        Warned(code="starttls_ignored", facts={"name": "mail.smtp.starttls.enable"})
    ]


def test_only_the_prefix_in_force_is_judged() -> None:
    given = {"mail.transport.protocol": "smtps", "mail.smtps.ssl.enable": "false"}

    assert errors_of(given, "implicit_tls") == {
        "/session_properties/mail.smtps.ssl.enable": "property_contradicts_security"
    }
    assert errors_of({"mail.smtps.ssl.enable": "false"}, "implicit_tls") == {}


def test_beside_a_wrong_security_nothing_contradicts_it() -> None:
    assert errors_of({"mail.smtp.ssl.enable": "true"}, None) == {}


@pytest.mark.parametrize(
    "suffix",
    [
        "host", "port", "user", "proxy.host", "proxy.user", "socks.port", "ssl.trust",
        "starttls.enable", "socketFactory.class", "socketFactory", "auth", "auth.mechanisms",
        "sasl.realm", "saslrealm", "localaddress",
    ],
)  # fmt: skip
def test_what_redirects_or_weakens_belongs_to_the_destination(suffix: str) -> None:
    assert is_destination_name(f"mail.smtp.{suffix}")
    assert is_destination_name(f"mail.smtps.{suffix}")


@pytest.mark.parametrize(
    "name",
    [
        "mail.smtp.localhost",
        "mail.smtp.timeout",
        "mail.smtp.from",
        "mail.debug",
        "other.host",
        "mail.smtp.hostname",
    ],
)
def test_other_properties_do_not(name: str) -> None:
    assert not is_destination_name(name)


@pytest.mark.parametrize("name", ["mail.host", "mail.user", "mail.transport.protocol"])
def test_the_session_wide_names_of_the_target_belong_to_the_destination(name: str) -> None:
    assert is_destination_name(name)


def test_the_end_of_a_name_makes_a_secret() -> None:
    assert is_secret_name("mail.smtp.proxy.password")
    assert is_secret_name("mail.smtp.trustStorePassword")
    assert not is_secret_name("mail.smtp.password.file")

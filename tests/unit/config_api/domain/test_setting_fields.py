from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import Warned
from events.smtp_setting import Auth, SettingValues
from services.config_api.domain.field_errors import describe
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import fields_of, make_draft
from tests.support.drafts import error_of, errors_of, warnings_of
from tests.support.settings import a_certificate, a_draft, some_fields

PASSWORD_AUTH = {"method": "password", "user": "mailer", "password": "pw"}


EVERY_FIELD: dict[str, Any] = {
    "host": "smtp.acme.example",
    "port": 2525,
    "security": "implicit_tls",
    "tls_protocols": ["TLSv1.3", "TLSv1.2", "TLSv1.3"],
    "ca_pem": a_certificate().replace("\n", "\r\n"),
    "auth": {
        "method": "password",
        "user": "mailer@acme.example",
        "password": "correct horse",
        "mechanism": "SCRAM-SHA-256",
        "provider_id": None,
    },
    "x_mailer": "経理部メール",
    "debug": True,
    "connection_timeout_ms": 1,
    "timeout_ms": None,
    "session_properties": {
        "mail.smtp.localhost": "app01.acme.example",
        "mail.smtp.proxy.password": "proxy",
    },
}


def test_a_host_is_enough() -> None:
    draft = make_draft({"host": "smtp.acme.example"})

    assert draft.values == SettingValues(
        host="smtp.acme.example",
        host_unicode="smtp.acme.example",
        port=587,
        security="starttls",
        tls_protocols=(),
        ca_pem=None,
        auth=Auth(method="none", user=None, mechanism=None, provider_id=None),
        x_mailer=None,
        debug=False,
        connection_timeout_ms=60_000,
        timeout_ms=60_000,
        session_properties={},
        secret="none",
        secrets={},
    )
    assert draft.secrets == {}
    assert draft.warnings == ()


def test_every_field_is_taken() -> None:
    draft = make_draft(EVERY_FIELD)

    assert draft.values == SettingValues(
        host="smtp.acme.example",
        host_unicode="smtp.acme.example",
        port=2525,
        security="implicit_tls",
        tls_protocols=("TLSv1.3", "TLSv1.2"),
        ca_pem=a_certificate(),
        auth=Auth(method="password", user="mailer@acme.example", mechanism="SCRAM-SHA-256"),
        x_mailer="経理部メール",
        debug=True,
        connection_timeout_ms=1,
        timeout_ms=None,
        session_properties={"mail.smtp.localhost": "app01.acme.example"},
    )
    assert draft.secrets == {
        "password": Secret("correct horse"),
        "mail.smtp.proxy.password": Secret("proxy"),
    }


@pytest.mark.parametrize(
    ("security", "port"), [("starttls", 587), ("implicit_tls", 465), ("none", 25)]
)
def test_the_port_follows_from_security(security: Any, port: int) -> None:
    assert make_draft({"host": "h", "security": security}).values.port == port


def test_the_typed_host_is_kept_beside_its_stored_form() -> None:
    draft = make_draft({"host": " Faß.example "})

    assert draft.values.host == "xn--fa-hia.example"
    assert draft.values.host_unicode == "Faß.example"
    assert draft.warnings == (Warned(code="host_trimmed", facts={"host": "Faß.example"}),)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        "host": "smtp.acme.example:587",
        "port": 65536,
        "security": "ssl",
        "tls_protocols": ["TLSv1.2", "SSLv3"],
        "ca_pem": "nonsense",
        "auth": {
            "method": "password",
            "password": "•••",
            "mechanism": "NTLM",
            "provider_id": "a\nb",
        },
        "x_mailer": "a\r\nBcc: b",
        "connection_timeout_ms": 0,
        "timeout_ms": 600_001,
        "session_properties": {"smtp.port": "1"},
    }

    assert errors_of(wrong) == {
        "/host": "host_has_port",
        "/port": "port_invalid",
        "/security": "not_one_of",
        "/tls_protocols/1": "protocol_unknown",
        "/ca_pem": "ca_pem_invalid",
        "/auth/user": "credentials_missing",
        "/auth/password": "masked_password",
        "/auth/mechanism": "not_one_of",
        "/auth/provider_id": "control_characters",
        "/x_mailer": "control_characters",
        "/connection_timeout_ms": "out_of_range",
        "/timeout_ms": "out_of_range",
        "/session_properties/smtp.port": "property_name_invalid",
    }


def test_a_missing_host_is_told() -> None:
    assert errors_of({}) == {"/host": "host_missing"}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("STARTTLS", "starttls"),
        ("start_tls", "starttls"),
        ("ssl", "implicit_tls"),
        ("SSL/TLS", "implicit_tls"),
        ("smtps", "implicit_tls"),
        ("implicit-tls", "implicit_tls"),
        ("plain", "none"),
        ("None", "none"),
        ("", None),
        ("other", None),
    ],
)
def test_another_word_for_a_security_is_refused_with_the_one_that_is_meant(
    given: str, meant: str | None
) -> None:
    error = error_of(security=given)

    assert (error.pointer, error.code) == ("/security", "not_one_of")
    assert error.fix == (meant and {"security": meant})


@pytest.mark.parametrize("security", ["tls", "TLS", "true"])
@pytest.mark.parametrize(
    ("port", "fix"),
    [
        (None, None),
        (2525, None),
        (465, {"security": "implicit_tls"}),
        (587, {"security": "starttls"}),
    ],
)
def test_a_word_for_any_tls_is_decided_by_the_port_or_not_at_all(
    security: str, port: Any, fix: Any
) -> None:
    error = error_of(security=security, port=port)

    assert (error.code, error.fix) == ("not_one_of", fix)
    assert "implicit_tls” where" in describe(error, "en")


@pytest.mark.parametrize("name", ["timeout_ms", "connection_timeout_ms"])
@pytest.mark.parametrize(("value", "near"), [(0, None), (-1, None), (600_001, 600_000)])
def test_a_timeout_outside_its_range_is_refused_with_what_is_meant(
    name: str, value: int, near: int | None
) -> None:
    error = error_of(**{name: value})

    assert (error.pointer, error.code, error.fix) == (f"/{name}", "out_of_range", {name: near})
    assert "null" in describe(error, "en")


@pytest.mark.parametrize(("value", "suggestion"), [(30, 30_000), (999, 600_000)])
def test_a_timeout_that_looks_like_seconds_is_a_warning(value: int, suggestion: int) -> None:
    assert make_draft({"host": "h", "timeout_ms": value}).warnings == (
        Warned(
            code="timeout_short",
            facts={"field": "timeout_ms", "value": value, "suggestion": suggestion},
        ),
    )
    assert warnings_of(timeout_ms=1_000) == []
    assert warnings_of(timeout_ms=600_000, connection_timeout_ms=None) == []


@pytest.mark.parametrize(
    ("port", "security", "warned"),
    [
        (465, "starttls", True),
        (465, "none", True),
        (465, "implicit_tls", False),
        (587, "implicit_tls", True),
        (587, "starttls", False),
        (25, "implicit_tls", True),
        (25, "none", False),
        (2525, "implicit_tls", False),
    ],
)
def test_a_port_that_servers_use_for_another_security_is_a_warning(
    port: int, security: str, warned: Any
) -> None:
    assert warnings_of(port=port, security=security) == (["port_unusual"] if warned else [])


def test_beside_a_wrong_security_no_port_is_unusual() -> None:
    assert error_of(port=465, security="ssl").pointer == "/security"


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_outside_its_range_is_refused(port: int) -> None:
    assert errors_of({"host": "h", "port": port}) == {"/port": "port_invalid"}


@pytest.mark.parametrize(("name", "limit"), [("x_mailer", 512), ("ca_pem", 262_144)])
def test_long_texts_are_refused(name: str, limit: int) -> None:
    assert errors_of({"host": "h", name: "x" * (limit + 1)}) == {f"/{name}": "too_long"}


@pytest.mark.parametrize("name", ["x_mailer", "ca_pem"])
def test_an_empty_text_is_none(name: str) -> None:
    assert getattr(make_draft({"host": "h", name: ""}).values, name) is None


@pytest.mark.parametrize(
    ("x_mailer", "warned"), [("経理部　メール", False), ("a\u200bb", True), (" a", True)]
)
def test_x_mailer_is_any_text(x_mailer: str, warned: Any) -> None:
    draft = make_draft({"host": "h", "x_mailer": x_mailer})

    assert draft.values.x_mailer == x_mailer
    assert bool(draft.warnings) is warned


@pytest.mark.parametrize("blank", [" ", "\u3000\u00a0"])
def test_a_blank_text_is_none(blank: str) -> None:
    values = make_draft({"host": "h", "x_mailer": blank, "auth": {"user": blank}}).values

    assert (values.x_mailer, values.auth.user) == (None, None)


def test_a_host_of_which_nobody_sees_a_part_is_a_warning() -> None:
    assert warnings_of(host="smtp\u200b.acme.example") == ["odd_characters"]


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "h"},
        some_fields(tls_protocols=["TLSv1.2"], timeout_ms=None, ca_pem=a_certificate()),
        some_fields(session_properties={"mail.smtp.from": "a@acme.example"}, x_mailer="x"),
    ],
)
def test_the_fields_of_a_draft_make_the_same_values_again(fields: Any) -> None:
    values = make_draft(fields).values

    assert make_draft(fields_of(values)).values == values


def test_the_fields_of_a_setting_hold_nothing_that_is_read_only() -> None:
    assert set(fields_of(a_draft().values)) == {
        "host", "port", "security", "tls_protocols", "ca_pem", "auth", "x_mailer", "debug",
        "connection_timeout_ms", "timeout_ms", "session_properties",
    }  # fmt: skip

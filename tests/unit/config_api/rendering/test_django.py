from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from services.config_api.rendering.django import DjangoTarget
from services.config_api.rendering.sending import Sending
from tests.support.hostile import a_sending, hostile_texts
from tests.support.settings import a_certificate

TOKEN = {"method": "access_token", "user": "u", "provider_id": "p", "password": None}
NOBODY = {"method": "none", "user": None, "password": None}


def text_of(sending: Sending) -> str:
    return DjangoTarget().render(sending, "en")


def loaded(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("SMTP_PASSWORD", "from the environment")
    names: dict[str, Any] = {}
    exec(compile(text_of(sending), "email_settings.py", "exec"), names)  # noqa: S102 -- as Django does
    return {name: value for name, value in names.items() if name.startswith("EMAIL_")}


@pytest.mark.parametrize(
    ("security", "port", "tls", "ssl"),
    [
        ("starttls", 587, True, False),
        ("implicit_tls", 465, False, True),
        ("none", 25, False, False),
    ],
)
def test_each_security_has_its_two_flags(
    security: str, port: int, *, tls: bool, ssl: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loaded(a_sending(security=security), monkeypatch) == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "smtp.acme.example",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
        "EMAIL_TIMEOUT": 60,
        "EMAIL_HOST_USER": "mailer",
        "EMAIL_HOST_PASSWORD": "from the environment",
    }


@given(user=hostile_texts(), x_mailer=hostile_texts())
def test_every_value_is_loaded_as_it_was_written(user: str, x_mailer: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        names = loaded(a_sending(auth={"user": user}, x_mailer=x_mailer), monkeypatch)
    assert names["EMAIL_HOST_USER"] == user
    assert len(names) == 8


@pytest.mark.parametrize(
    ("connecting", "answering", "seconds"),
    [
        (60_000, 60_000, 60),
        (1_500, 1_000, 1.5),
        (1_000, 600_000, 600),
        (None, 1_000, None),
        (1_000, None, None),
        (None, None, None),
    ],
)
def test_the_one_time_limit_is_the_longer(
    connecting: int | None,
    answering: int | None,
    seconds: float | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sending = a_sending(connection_timeout_ms=connecting, timeout_ms=answering)
    assert loaded(sending, monkeypatch)["EMAIL_TIMEOUT"] == seconds
    assert ("one time limit" in text_of(sending)) is (connecting != answering)


@pytest.mark.parametrize("auth", [TOKEN, NOBODY])
def test_nobody_signs_in_without_a_password(
    auth: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = loaded(a_sending(auth=auth), monkeypatch)
    assert (names["EMAIL_HOST_USER"], names["EMAIL_HOST_PASSWORD"]) == ("", "")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ca_pem": a_certificate()}, "-----BEGIN CERTIFICATE-----"),
        ({"tls_protocols": ["TLSv1.3"]}, "This setting allows only TLSv1.3."),
        ({"auth": TOKEN}, "OAuth access token"),
        ({"auth": {"mechanism": "PLAIN"}}, "chooses the SASL mechanism itself"),
        ({"auth": {"mechanism": "SCRAM-SHA-256"}}, "may not know"),
        ({"auth": {"mechanism": "XOAUTH2"}}, "OAuth access token"),
        ({"auth": {"user": "田中"}}, "ASCII user names only"),
        (
            {"security": "none", "session_properties": {"mail.smtp.starttls.enable": "true"}},
            "here it is never",
        ),
        ({"debug": True}, "set_debuglevel(1)"),
        ({"x_mailer": "Acme"}, 'X-Mailer: "Acme"'),
        ({"session_properties": {"mail.smtp.from": "x"}}, "no place here: mail.smtp.from"),
    ],
)
def test_what_django_cannot_do_is_said(fields: dict[str, Any], sentence: str) -> None:
    assert sentence in text_of(a_sending(**fields))
    assert sentence not in text_of(a_sending())


def test_versions_of_tls_do_not_matter_without_tls() -> None:
    text = text_of(a_sending(security="none", tls_protocols=["TLSv1.3"], ca_pem=a_certificate()))
    assert "TLSv1.3" not in text
    assert "CERTIFICATE" not in text

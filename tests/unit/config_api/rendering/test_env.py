from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given

from services.config_api.rendering.env import EnvTarget, quoted
from services.config_api.rendering.sending import Sending
from tests.support.hostile import a_sending, hostile_texts
from tests.support.settings import a_certificate


def text_of(sending: Sending) -> str:
    return EnvTarget().render(sending, "en")


def variables(sending: Sending) -> dict[str, str]:
    words = shlex.split(text_of(sending), comments=True)
    return dict(word.split("=", 1) for word in words)


def test_each_field_is_a_variable() -> None:
    sending = a_sending(
        tls_protocols=["TLSv1.2", "TLSv1.3"],
        ca_pem=a_certificate(),
        auth={"mechanism": "PLAIN"},
        timeout_ms=5_000,
        x_mailer="Acme",
        debug=True,
        session_properties={"mail.smtp.localhost": "app01", "mail.smtp.localaddress": "192.0.2.1"},
    )
    assert variables(sending) == {
        "SMTP_HOST": "smtp.acme.example",
        "SMTP_PORT": "587",
        "SMTP_SECURITY": "starttls",
        "SMTP_AUTH": "password",
        "SMTP_USER": "mailer",
        "SMTP_PASSWORD": "<password>",
        "SMTP_MECHANISMS": "PLAIN",
        "SMTP_TLS_PROTOCOLS": "TLSv1.2 TLSv1.3",
        "SMTP_CA_PEM": a_certificate(),
        "SMTP_CONNECTION_TIMEOUT_MS": "60000",
        "SMTP_TIMEOUT_MS": "5000",
        "SMTP_EHLO_NAME": "app01",
        "SMTP_LOCAL_ADDRESS": "192.0.2.1",
        "SMTP_X_MAILER": "Acme",
        "SMTP_DEBUG": "true",
    }


def test_what_has_no_value_is_no_variable() -> None:
    nobody = {"method": "none", "user": None, "password": None}
    sending = a_sending(security="none", auth=nobody, timeout_ms=None, connection_timeout_ms=None)
    assert variables(sending) == {
        "SMTP_HOST": "smtp.acme.example",
        "SMTP_PORT": "25",
        "SMTP_SECURITY": "none",
        "SMTP_AUTH": "none",
    }


def test_an_access_token_has_a_variable_of_its_own() -> None:
    auth = {"method": "access_token", "user": "u", "provider_id": "p", "password": None}
    found = variables(a_sending(auth=auth))
    assert found["SMTP_ACCESS_TOKEN"] == "<access token>"
    assert "SMTP_PASSWORD" not in found


@given(value=hostile_texts())
def test_any_value_is_one_word_of_a_shell(value: str) -> None:
    assert shlex.split(quoted(value)) == [value]


def test_what_needs_no_quotes_has_none() -> None:
    assert quoted("mailer@acme.example") == "mailer@acme.example"
    assert quoted("") == "''"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"auth": {"user": "it's"}}, "a POSIX shell reads them"),
        ({"x_mailer": "a\\b"}, "a POSIX shell reads them"),
        ({"session_properties": {"mail.smtp.from": "x"}}, "no place here: mail.smtp.from"),
    ],
)
def test_what_not_every_reader_takes_is_said(fields: dict[str, Any], sentence: str) -> None:
    assert sentence in text_of(a_sending(**fields))
    assert sentence not in text_of(a_sending())

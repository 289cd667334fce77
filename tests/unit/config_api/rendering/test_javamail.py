from __future__ import annotations

import re

from hypothesis import given

from services.config_api.rendering.javamail import JavamailTarget
from services.config_api.rendering.properties_text import line
from services.config_api.rendering.sending import Sending
from tests.support.hostile import a_sending, hostile_texts
from tests.support.properties_reader import read_properties
from tests.support.settings import a_certificate


def text_of(sending: Sending) -> str:
    return JavamailTarget().render(sending, "en")


def test_it_holds_every_session_property_in_force() -> None:
    sending = a_sending(
        tls_protocols=["TLSv1.2", "TLSv1.3"], session_properties={"mail.smtp.localhost": "app01"}
    )
    assert read_properties(text_of(sending)) == {
        "mail.transport.protocol": "smtp",
        "mail.smtp.host": "smtp.acme.example",
        "mail.smtp.port": "587",
        "mail.smtp.auth": "true",
        "mail.smtp.user": "mailer",
        "mail.smtp.connectiontimeout": "60000",
        "mail.smtp.timeout": "60000",
        "mail.smtp.starttls.enable": "true",
        "mail.smtp.starttls.required": "true",
        "mail.smtp.ssl.enable": "false",
        "mail.smtp.ssl.protocols": "TLSv1.2 TLSv1.3",
        "mail.smtp.localhost": "app01",
    }


@given(user=hostile_texts(), value=hostile_texts(), x_mailer=hostile_texts())
def test_every_value_is_read_back_as_it_was_written(user: str, value: str, x_mailer: str) -> None:
    properties = {"mail.smtp.from": value, "mail..-x": value}
    sending = a_sending(auth={"user": user}, x_mailer=x_mailer, session_properties=properties)
    read = read_properties(text_of(sending))
    assert read == {name: one["value"] for name, one in sending.properties.items()}
    assert (read["mail.smtp.user"], read["mail..-x"]) == (user, value)


@given(name=hostile_texts(), value=hostile_texts())
def test_any_name_is_read_back_too(name: str, value: str) -> None:
    assert read_properties(line(name, value)) == {name: value}


def test_control_characters_and_an_empty_value_survive() -> None:
    assert read_properties(line("a\tb\nc", "\r\n\f\x00")) == {"a\tb\nc": "\r\n\f\x00"}
    assert read_properties(line("a", "")) == {"a": ""}


def test_it_says_where_the_password_belongs() -> None:
    assert "Transport.connect()" in text_of(a_sending())
    auth = {"method": "access_token", "user": "u", "provider_id": "p", "password": None}
    assert "access token" in text_of(a_sending(auth=auth))
    nobody = a_sending(auth={"method": "none", "user": None, "password": None})
    assert "Transport.connect()" not in text_of(nobody)


def test_what_is_no_session_property_is_said_in_comments() -> None:
    text = text_of(a_sending(ca_pem=a_certificate(), debug=True, x_mailer="a\u2028'"))
    comments = re.findall(r"^# (.*)$", text, re.MULTILINE)
    assert any("Session.setDebug(true)" in one for one in comments)
    assert any(one.endswith('X-Mailer: "a\\u2028\'"') for one in comments)
    assert "-----BEGIN CERTIFICATE-----" in comments

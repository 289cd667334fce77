from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from services.config_api.rendering.sending import Sending
from services.config_api.rendering.spring_boot import SpringBootTarget
from tests.support.hostile import a_sending, hostile_texts
from tests.support.properties_reader import read_properties, resolve_placeholders
from tests.support.settings import a_certificate

ENVIRONMENT = {"SMTP_PASSWORD": "p${x}", "SMTP_ACCESS_TOKEN": "t", "HOME": "/home", "x": "wrong"}


def text_of(sending: Sending) -> str:
    return SpringBootTarget().render(sending, "en")


def bound(sending: Sending, *, backslash: bool = True) -> dict[str, str]:
    """Return what the application sees."""
    return {
        name: resolve_placeholders(value, ENVIRONMENT.get, backslash=backslash)
        for name, value in read_properties(text_of(sending)).items()
    }


def test_its_own_names_and_the_session_properties() -> None:
    found = bound(a_sending(security="implicit_tls", timeout_ms=None, connection_timeout_ms=None))
    assert found == {
        "spring.mail.host": "smtp.acme.example",
        "spring.mail.port": "465",
        "spring.mail.username": "mailer",
        "spring.mail.password": "p${x}",
        "spring.mail.protocol": "smtp",
        "spring.mail.default-encoding": "UTF-8",
        "spring.mail.properties.mail.smtp.host": "smtp.acme.example",
        "spring.mail.properties.mail.smtp.port": "465",
        "spring.mail.properties.mail.smtp.auth": "true",
        "spring.mail.properties.mail.smtp.user": "mailer",
        "spring.mail.properties.mail.smtp.starttls.enable": "false",
        "spring.mail.properties.mail.smtp.starttls.required": "false",
        "spring.mail.properties.mail.smtp.ssl.enable": "true",
    }


def test_the_password_stands_in_the_environment() -> None:
    assert "spring.mail.password=${SMTP_PASSWORD}\n" in text_of(a_sending())
    auth = {"method": "access_token", "user": "u", "provider_id": "p", "password": None}
    text = text_of(a_sending(auth=auth))
    assert "spring.mail.password=${SMTP_ACCESS_TOKEN}\n" in text
    assert "expires" in text


def test_without_login_there_is_neither_user_nor_password() -> None:
    nobody = bound(a_sending(auth={"method": "none", "user": None, "password": None}))
    assert not {"spring.mail.username", "spring.mail.password"} & set(nobody)


@pytest.mark.parametrize("backslash", [True, False])
@given(user=hostile_texts(), value=hostile_texts())
def test_no_value_is_resolved_by_any_version_of_spring(
    user: str, value: str, *, backslash: bool
) -> None:
    sending = a_sending(auth={"user": user}, session_properties={"mail.smtp.from": value})
    found = bound(sending, backslash=backslash)
    assert found["spring.mail.username"] == user
    assert found["spring.mail.properties.mail.smtp.from"] == value


@pytest.mark.parametrize("name", ["mail..x", "mail.-x", "mail.x."])
def test_an_odd_name_stands_in_brackets(name: str) -> None:
    found = bound(a_sending(session_properties={name: "1"}))
    assert found[f"spring.mail.properties[{name}]"] == "1"


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"debug": True}, "true"),
        ({"debug": True, "session_properties": {"mail.debug": "false"}}, "false"),
    ],
)
def test_debug_is_a_property_unless_one_says_otherwise(fields: dict[str, Any], value: str) -> None:
    assert bound(a_sending(**fields))["spring.mail.properties.mail.debug"] == value


def test_what_it_has_no_word_for_is_said() -> None:
    text = text_of(a_sending(ca_pem=a_certificate(), x_mailer="Acme"))
    assert "spring.mail.ssl.bundle" in text
    assert '# This setting gives each message the header X-Mailer: "Acme"' in text

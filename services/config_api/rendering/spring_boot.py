"""`application.properties` of Spring Boot: `spring.mail.*`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.config_api.domain.jakarta_mail import PROTOCOL
from services.config_api.rendering.comments import Comments
from services.config_api.rendering.notes import Language
from services.config_api.rendering.properties_text import PLAIN_TEXT, line
from services.config_api.rendering.sending import Sending

_PASSWORDS: Final = {"password": "${SMTP_PASSWORD}", "access_token": "${SMTP_ACCESS_TOKEN}"}
_PLAIN_NAME: Final = re.compile(r"mail(?:\.[A-Za-z0-9][A-Za-z0-9-]*)+")
_PLACEHOLDER: Final = re.compile(r"(\\?)\$(?=\{)")
#: A name that no property has, so that its default is taken.
_NOBODY: Final = "relaybook.literal"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpringBootTarget:
    """Spring Boot's `JavaMailSender`."""

    name: str = "spring-boot"
    content_type: str = PLAIN_TEXT
    filename: str = "application.properties"
    comments: bool = True

    def render(self, sending: Sending, language: Language) -> str:
        """Return the properties; passwords come from the environment of the application."""
        comments = Comments.of(sending, language, target="Spring Boot")
        if sending.method == "access_token":
            comments.add("token_expires", placeholder="SMTP_ACCESS_TOKEN")
        comments.add_ca(how="spring.ssl.bundle.pem.*, spring.mail.ssl.bundle")
        comments.add_x_mailer()
        return comments.text() + "".join(line(*one) for one in _properties(sending))


def _properties(sending: Sending) -> Iterator[tuple[str, str]]:
    yield "spring.mail.host", sending.host
    yield "spring.mail.port", str(sending.port)
    if sending.method != "none":
        yield "spring.mail.username", literal(sending.user or "")
        yield "spring.mail.password", _PASSWORDS[sending.method]
    yield "spring.mail.protocol", literal(sending.properties[PROTOCOL]["value"])
    yield "spring.mail.default-encoding", "UTF-8"
    for name, one in sending.properties.items():
        if name != PROTOCOL:
            yield _in_map(name), literal(one["value"])
    if sending.debug and "mail.debug" not in sending.properties:
        yield _in_map("mail.debug"), "true"
    for name in sending.secret_properties:
        yield _in_map(name), f"${{{environment_name(name)}}}"


def literal(value: str) -> str:
    """Return a value in which Spring resolves no placeholder.

    Only Spring 6.2 and later take a backslash in front of `${`; a placeholder whose default is the
    dollar sign, and one for a backslash in front of it, mean the same to every version.
    """
    return _PLACEHOLDER.sub(_literal, value)


def _literal(found: re.Match[str]) -> str:
    return "".join(f"${{{_NOBODY}:{character}}}" for character in found[0])


def _in_map(name: str) -> str:
    """Return the place of a session property; odd names stand in brackets, which keep them."""
    if _PLAIN_NAME.fullmatch(name):
        return f"spring.mail.properties.{name}"
    return f"spring.mail.properties[{name}]"


def environment_name(name: str) -> str:
    """Return the environment variable for a secret session property."""
    return re.sub("[^A-Z0-9]", "_", name.upper())

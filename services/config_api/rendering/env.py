"""`SMTP_*` variables that a POSIX shell sources; what it needs no quotes for, dotenv reads too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.config_api.rendering.certificates import certificates
from services.config_api.rendering.comments import Comments
from services.config_api.rendering.notes import Language
from services.config_api.rendering.properties_text import PLAIN_TEXT
from services.config_api.rendering.sending import Sending

_PLAIN: Final = re.compile(r"[A-Za-z0-9_@%+:,./-]+")
_SECRETS: Final = {
    "password": ("SMTP_PASSWORD", "<password>"),
    "access_token": ("SMTP_ACCESS_TOKEN", "<access token>"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvTarget:
    """The environment of a program."""

    name: str = "env"
    content_type: str = PLAIN_TEXT
    filename: str = "smtp.env"
    comments: bool = True

    def render(self, sending: Sending, language: Language) -> str:
        """Return one assignment a line, but for certificates; a person puts the secret in."""
        variables = list(_variables(sending))
        comments = Comments.of(sending, language, target="env")
        if sending.method != "none":
            comments.add("replace_placeholders")
        if sending.method == "access_token":
            comments.add("token_expires", placeholder="SMTP_ACCESS_TOKEN")
        if any("'" in value or "\\" in value for _, value in variables):
            comments.add("shell_only")
        comments.add_left_over("localhost", "localaddress")
        lines = (f"{name}={quoted(value)}\n" for name, value in variables)
        return comments.text() + "".join(lines)


def quoted(value: str) -> str:
    """Return a value as one word of a POSIX shell, in single quotes unless it needs none."""
    if _PLAIN.fullmatch(value):
        return value
    inside = value.replace("'", "'\\''")
    return f"'{inside}'"


def _variables(sending: Sending) -> Iterator[tuple[str, str]]:
    """Yield what has a value; a time limit that is absent is none."""
    yield "SMTP_HOST", sending.host
    yield "SMTP_PORT", str(sending.port)
    yield "SMTP_SECURITY", sending.transport
    yield "SMTP_AUTH", sending.method
    if sending.method != "none":
        yield "SMTP_USER", sending.user or ""
        yield _SECRETS[sending.method]
    optional = {
        "SMTP_MECHANISMS": " ".join(sending.mechanisms),
        "SMTP_TLS_PROTOCOLS": " ".join(sending.tls_protocols),
        "SMTP_CA_PEM": "".join(certificates(sending.ca_pem or "")),
        "SMTP_CONNECTION_TIMEOUT_MS": str(sending.connection_timeout_ms or ""),
        "SMTP_TIMEOUT_MS": str(sending.timeout_ms or ""),
        "SMTP_EHLO_NAME": sending.ehlo_name,
        "SMTP_LOCAL_ADDRESS": sending.local_address,
        "SMTP_X_MAILER": sending.x_mailer,
        "SMTP_DEBUG": "true" if sending.debug else "",
    }
    yield from ((name, value) for name, value in optional.items() if value)

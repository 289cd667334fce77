"""Settings of Django's SMTP backend, as Python that Django loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.config_api.rendering.comments import Comments
from services.config_api.rendering.notes import Language
from services.config_api.rendering.properties_text import PLAIN_TEXT
from services.config_api.rendering.sending import Sending

_MILLISECONDS = 1000
_SMTPLIB = frozenset({"CRAM-MD5", "PLAIN", "LOGIN"})


@dataclass(frozen=True, kw_only=True, slots=True)
class DjangoTarget:
    """`django.core.mail.backends.smtp`, which signs in by Python's smtplib."""

    name: str = "django"
    content_type: str = PLAIN_TEXT
    filename: str = "email_settings.py"
    comments: bool = True

    def render(self, sending: Sending, language: Language) -> str:
        """Return the settings; the password comes from the environment of the process."""
        comments = Comments.of(sending, language, target="Django")
        _note(comments, sending)
        comments.add_left_over()
        body = "".join(f"{name} = {value}\n" for name, value in _settings(sending))
        return f"{comments.text()}import os\n\n{body}"


def _settings(sending: Sending) -> Iterator[tuple[str, str]]:
    yield "EMAIL_BACKEND", ascii("django.core.mail.backends.smtp.EmailBackend")
    yield "EMAIL_HOST", ascii(sending.host)
    yield "EMAIL_PORT", str(sending.port)
    yield "EMAIL_USE_TLS", str(sending.transport == "starttls")
    yield "EMAIL_USE_SSL", str(sending.transport == "implicit_tls")
    yield "EMAIL_TIMEOUT", _seconds(sending)
    signs_in = sending.method == "password"
    yield "EMAIL_HOST_USER", ascii((sending.user or "") if signs_in else "")
    yield "EMAIL_HOST_PASSWORD", 'os.environ["SMTP_PASSWORD"]' if signs_in else '""'


def _seconds(sending: Sending) -> str:
    """Return the longer time limit; None waits for as long as the system does."""
    limits = (sending.connection_timeout_ms, sending.timeout_ms)
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return "None"
    whole, rest = divmod(max(known), _MILLISECONDS)
    return str(max(known) / _MILLISECONDS if rest else whole)


def _note(comments: Comments, sending: Sending) -> None:
    comments.add_ca(how="SSL_CERT_FILE")
    if sending.transport == "opportunistic":
        comments.add("opportunistic_left")
    if sending.tls_protocols and sending.transport != "none":
        comments.add("protocols_left", versions=", ".join(sending.tls_protocols))
    if sending.connection_timeout_ms != sending.timeout_ms:
        comments.add("one_timeout")
    if sending.method == "access_token":
        comments.add("token_left")
    elif sending.method == "password":
        _note_login(comments, sending)
    comments.add_debug(how="smtplib.SMTP.set_debuglevel(1)")
    comments.add_x_mailer()


def _note_login(comments: Comments, sending: Sending) -> None:
    if sending.mechanisms:
        known = _SMTPLIB.issuperset(sending.mechanisms)
        code = "mechanism_left" if known else "mechanism_unknown"
        comments.add(code, mechanisms=", ".join(sending.mechanisms))
    if not (sending.user or "").isascii():
        comments.add("user_not_ascii")

"""What the first words of a peer say about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.conn_tester.diagnosis.finding import Finding

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply

_FOREIGN: Final = (
    ("not_smtp_http", re.compile(r"HTTP/\d|<!doctype|<html", re.IGNORECASE)),
    ("not_smtp_imap", re.compile(r"\* (OK|PREAUTH|BYE|BAD)\b", re.IGNORECASE)),
    ("not_smtp_pop3", re.compile(r"(\+OK|-ERR)\b")),
    ("not_smtp_ssh", re.compile(r"SSH-\d")),
)
_FTP: Final = re.compile(r"ftp|filezilla", re.IGNORECASE)
_FTP_REFUSAL: Final = re.compile(r"\bUSER and PASS\b|\blog(ged)?[ -]?(in|on)\b", re.IGNORECASE)
_NOT_LOGGED_IN: Final = 530  # RFC 959 4.2.2; before a sign-in SMTP has it for MAIL and later ones
_MAIL: Final = re.compile(r"smtp|postfix|exim|sendmail", re.IGNORECASE)
_MASKED: Final = re.compile(r"X{6,64}[A-Z]?")
_STARS: Final = re.compile(r"\*{8,64}")
_TOO_MANY: Final = re.compile(
    r"too many|(connection|concurren\w{1,16}|rate).{0,24}(limit|exceed)"
    r"|trop de connexions|zu viele verbindungen|demasiadas conexiones",
    re.IGNORECASE,
)
_OUT_OF_SERVICE: Final = re.compile(
    r"temporary (system )?(problem|failure|error)|service (is )?(currently |temporarily )?"
    r"(not |un)available|shutting down|maintenance",
    re.IGNORECASE,
)
_WANTS_CERTIFICATE: Final = re.compile(
    r"(no|client|provide a|present a) (valid )?(client )?certificate", re.IGNORECASE
)
_TEMPORARY: Final = range(400, 500)
_POSITIVE: Final = range(200, 400)
READY: Final = 220
_OK: Final = 250


def judge_foreign(text: str) -> Finding:
    """Return which protocol speaks in words that are no SMTP reply."""
    for code, beginning in _FOREIGN:
        if beginning.match(text):
            return Finding(code=code, facts={"reply": text}, step="banner")
    return Finding(code="not_smtp", facts={"reply": text}, step="banner")


def judge_greeting(reply: ServerReply) -> Finding | None:
    """Return why a greeting ends the test, or None for 220 (RFC 5321 3.1)."""
    if reply.code == READY:
        return None
    if reply.code in _TEMPORARY:
        return judge_unavailable(reply)
    if reply.code in _POSITIVE:
        return Finding(code="not_smtp", facts={"reply": reply.quoted}, reply=reply)
    if _WANTS_CERTIFICATE.search(reply.text) or _TOO_MANY.search(reply.text):
        return judge_unavailable(reply)
    return Finding(code="refused_by_policy", facts={"reply": reply.quoted}, reply=reply)


def judge_unavailable(reply: ServerReply) -> Finding:
    """Return what a refusal outside of signing in means that is not about the setting's values."""
    text = reply.text
    if _WANTS_CERTIFICATE.search(text):  # Postfix refuses in words, after the handshake
        facts = {"reply": reply.quoted}
        return Finding(code="client_certificate_required", facts=facts, reply=reply)
    too_many = _TOO_MANY.search(text) or (
        reply.status == "4.7.0" and not _OUT_OF_SERVICE.search(text)
    )
    code = "too_many_connections" if too_many else "temporarily_unavailable"
    return Finding(code=code, facts={"reply": reply.quoted}, reply=reply)


def judge_ehlo(reply: ServerReply, *, name: str, banner: str) -> Finding | None:
    """Return why the last answer to EHLO or HELO ends the test, or None for 250.

    An FTP server greets with 220, too: its banner and its refusal together give it away.
    """
    if reply.code == _OK:
        return None
    if reply.code in _POSITIVE:
        return Finding(code="protocol_error", facts={"reply": reply.quoted}, reply=reply)
    if reply.code in _TEMPORARY or _WANTS_CERTIFICATE.search(reply.text):
        return judge_unavailable(reply)
    before_login = reply.code == _NOT_LOGGED_IN and _FTP_REFUSAL.search(reply.text)
    ftp = before_login or _FTP.search(banner)
    if ftp and not _MAIL.search(banner):
        return Finding(code="not_smtp_ftp", facts={"reply": banner}, reply=reply, step="banner")
    facts = {"reply": reply.quoted, "ehlo_name": name}
    return Finding(code="ehlo_name_refused", facts=facts, reply=reply)


def masked_extension(extensions: dict[str, str], *, banner: str) -> str | None:
    """Return what a middlebox has written over STARTTLS, its stars over the banner else."""
    masked = next((keyword for keyword in extensions if _MASKED.fullmatch(keyword)), None)
    stars = _STARS.search(banner)
    return masked or (stars[0] if stars else None)

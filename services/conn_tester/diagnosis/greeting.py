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
_FTP: Final = re.compile(r"ftp", re.IGNORECASE)
_MAIL: Final = re.compile(r"smtp|mail|postfix|exim|sendmail", re.IGNORECASE)
_MASKED: Final = re.compile(r"X{6,}[A-Z]?")
_TOO_MANY: Final = re.compile(
    r"too many|(connection|concurren\w+|rate).{0,24}(limit|exceed)", re.IGNORECASE
)
_TEMPORARY: Final = range(400, 500)
_POSITIVE: Final = range(200, 300)
READY: Final = 220


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
    return Finding(code="refused_by_policy", facts={"reply": reply.quoted}, reply=reply)


def judge_unavailable(reply: ServerReply) -> Finding:
    """Return what a temporary refusal (4xx) outside of signing in means."""
    too_many = reply.enhanced == "4.7.0" or _TOO_MANY.search(reply.text)
    code = "too_many_connections" if too_many else "temporarily_unavailable"
    return Finding(code=code, facts={"reply": reply.quoted}, reply=reply)


def judge_ehlo(reply: ServerReply, *, name: str, banner: str) -> Finding | None:
    """Return why the last answer to EHLO or HELO ends the test, or None for 250.

    An FTP server greets with 220, too: its banner and its refusal together give it away.
    """
    if reply.code in _POSITIVE:
        return None
    if reply.code in _TEMPORARY:
        return judge_unavailable(reply)
    if _FTP.search(banner) and not _MAIL.search(banner):
        return Finding(code="not_smtp_ftp", facts={"reply": banner}, reply=reply, step="banner")
    facts = {"reply": reply.quoted, "ehlo_name": name}
    return Finding(code="ehlo_name_refused", facts=facts, reply=reply)


def masked_extension(extensions: dict[str, str]) -> str | None:
    """Return the keyword with which a middlebox has overwritten STARTTLS, if there is one."""
    return next((keyword for keyword in extensions if _MASKED.fullmatch(keyword)), None)

"""What a failed TLS handshake says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.diagnosis.finding import Finding
from services.conn_tester.diagnosis.greeting import judge_foreign
from services.conn_tester.reply import shown

if TYPE_CHECKING:
    import ssl

    from services.conn_tester.reply import ServerReply

_RECORDS: Final = range(20, 24)  # TLS content types
_ALERT: Final = 21
_REPLY: Final = re.compile(rb"[2-5][0-9][0-9][ -]")
_VERSION: Final = (
    "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "INAPPROPRIATE_FALLBACK",
)  # fmt: skip
_CIPHER: Final = (
    "INSUFFICIENT_SECURITY",
    "NO_CIPHERS_AVAILABLE",
    "NO_SHARED_CIPHER",
    "KEY_TOO_SMALL",
)
_BROKEN: Final = (
    "INTERNAL_ERROR", "WRONG_VERSION_NUMBER", "DECRYPTION", "BAD_RECORD_MAC", "DECODE",
    "UNEXPECTED_MESSAGE", "BAD_SIGNATURE", "LENGTH", "PACKET", "RECORD", "EXCESSIVE",
)  # fmt: skip
_CERTIFICATE: Final = (
    "ALERT_CERTIFICATE_REQUIRED",
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
)
_BY_WORDS: Final = (
    ("protocol_version", _VERSION),
    ("no_common_cipher", _CIPHER),
    ("client_certificate_required", _CERTIFICATE),
    ("server_tls_broken", _BROKEN),
)
_REFUSING: Final = ("HANDSHAKE_FAILURE", "ALERT_UNKNOWN_CA", "ACCESS_DENIED", "NO_CERTIFICATE")
_TOO_OLD: Final = re.compile(
    r"\b(TLS|SSL)[ v]{0,2}1\.[01]\b.{0,40}(not supported|no longer|deprecated|disabled|retired)"
    r"|\b(TLS|SSL)( protocol)? version.{0,24}(not supported|unsupported|too old|deprecated)"
    r"|(upgrade|update|use|requires?|need).{0,40}\bTLS[ v]{0,2}1\.[23]\b",
    re.IGNORECASE,
)
_TOO_OLD_STATUS: Final = "7.66"  # Microsoft 365
_REFUSAL: Final = 400
_HANDSHAKE: Final = 22
_CERTIFICATE_REQUEST: Final = 13
_RECORD_HEADER: Final = 5
_MESSAGE_HEADER: Final = 4


def speaks_tls(opening: bytes) -> bool:
    """Tell whether a peer's first bytes are a TLS record."""
    return len(opening) > 1 and opening[0] in _RECORDS and opening[1] == 3  # noqa: PLR2004 -- TLS major version


def refuses_version(reply: ServerReply) -> bool:
    """Tell whether a reply under TLS refuses its version, as servers do that want to say why."""
    if reply.code < _REFUSAL:
        return False
    told = reply.status is not None and reply.status[2:] == _TOO_OLD_STATUS
    return told or _TOO_OLD.search(reply.text) is not None


def asks_for_certificate(opening: bytes) -> bool:
    """Tell whether a TLS 1.2 server has sent a CertificateRequest (RFC 5246 7.4.4)."""
    messages = b""
    while len(opening) > _RECORD_HEADER and opening[0] == _HANDSHAKE:
        end = _RECORD_HEADER + int.from_bytes(opening[3:_RECORD_HEADER], "big")
        messages, opening = messages + opening[_RECORD_HEADER:end], opening[end:]
    while len(messages) >= _MESSAGE_HEADER:
        if messages[0] == _CERTIFICATE_REQUEST:
            return True
        messages = messages[_MESSAGE_HEADER + int.from_bytes(messages[1:_MESSAGE_HEADER], "big") :]
    return False


def plain_text(opening: bytes) -> str | None:
    """Return what a peer said instead of TLS, escaped; None where it is TLS or nothing."""
    if not opening or speaks_tls(opening):
        return None
    return shown(opening.decode("utf-8", "backslashreplace").rstrip("\r\n"))


def judge_handshake(error: ssl.SSLError, opening: bytes, *, implicit: bool) -> Finding:
    """Return what a broken handshake means, apart from certificates.

    With `implicit` TLS a plain-text peer is one that wants another `security`; after STARTTLS it is
    broken. Version failures get their facts from handshakes a version.
    """
    text = plain_text(opening)
    if text is not None:
        return _plain(text, opening, implicit=implicit)
    reason = (error.reason or "").upper()
    return Finding(code=_by_reason(reason, opening), facts={"alert": alert_name(reason)})


def _by_reason(reason: str, opening: bytes) -> str:
    if any(word in reason for word in _REFUSING) and asks_for_certificate(opening):
        return "client_certificate_required"
    if opening[:1] == bytes([_ALERT]) and "HANDSHAKE_FAILURE" in reason:  # refused at once
        return "no_common_cipher"
    said = (code for code, words in _BY_WORDS if any(word in reason for word in words))
    return next(said, "handshake_failed")


def judge_ended_tls(error: ssl.SSLError) -> Finding:
    """Return what it means that TLS ended after a good handshake.

    A TLS 1.3 server refuses a client without certificate only then (RFC 8446 4.4.2.4).
    """
    reason = (error.reason or "").upper()
    code = "server_tls_broken"
    if "CERTIFICATE" in reason or "HANDSHAKE_FAILURE" in reason:
        code = "client_certificate_required"
    return Finding(code=code, facts={"alert": alert_name(reason)})


def alert_name(reason: str) -> str:
    """Return OpenSSL's reason as the alert's name in words."""
    return re.sub(r"^(TLSV1|TLSV13|SSLV3)_(ALERT_)?", "", reason).replace("_", " ").lower()


def _plain(text: str, opening: bytes, *, implicit: bool) -> Finding:
    facts: dict[str, Any] = {"seen": text, "reply": text}
    if not implicit:
        return Finding(code="server_tls_broken", facts=facts)
    if _REPLY.match(opening):
        return Finding(code="port_expects_plain", facts=facts)
    foreign = judge_foreign(text)
    return foreign if foreign.code != "not_smtp" else Finding(code="server_tls_broken", facts=facts)

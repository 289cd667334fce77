"""Trust anchors of a setting: one or more certificates in PEM (RFC 7468), in one stored form."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.config_api.domain.x509 import Certificate, NotACertificate, read_certificate

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_BLOCK: Final = re.compile(
    r"-----BEGIN (?:X509 )?CERTIFICATE-----([^-]*)-----END (?:X509 )?CERTIFICATE-----"
)
_BEGINNING: Final = re.compile(r"-----BEGIN (?:X509 )?CERTIFICATE-----")
_LABEL: Final = re.compile(r"-----BEGIN ([A-Za-z0-9 ]{1,64})-----")
_WIDTH: Final = 64


class PemRefused(ValueError):
    """The text is not certificates; `reason` is a stable word, `fix` the text that would do."""

    def __init__(
        self, reason: str | None, *, fix: str | None = None, **facts: str | int | None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.facts = facts


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustAnchors:
    """The text as it is stored, comments kept and lines ended by LF, and the certificates in it."""

    text: str
    certificates: tuple[Certificate, ...]


@lru_cache(maxsize=16)
def read_trust_anchors(text: str) -> TrustAnchors:
    """Return the certificates in a text, with comments between them or without.

    Raises PemRefused with the reason private_key, other_block, layout, no_armour, incomplete,
    damaged, or None for a text that holds nothing like a certificate.
    """
    lines = with_line_feeds(text)
    labels = _LABEL.findall(lines)
    if any(label.endswith("PRIVATE KEY") for label in labels):
        raise PemRefused("private_key", fix=_repaired(lines))
    try:
        return TrustAnchors(text=lines, certificates=tuple(map(_certificate, _bodies(lines))))
    except PemRefused as refused:
        repaired = _repaired(lines)
        if repaired is not None:
            reason = "layout" if labels else "no_armour"
            raise PemRefused(reason, fix=repaired) from None
        if refused.reason == "damaged":
            raise
        other = next((label for label in labels if label != "CERTIFICATE"), None)
        if other is not None:
            raise PemRefused("other_block", label=other) from None
        raise PemRefused("incomplete" if labels else None) from None


def with_line_feeds(text: str) -> str:
    """Return a text whose lines end with LF, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _bodies(lines: str) -> list[tuple[int, str]]:
    """Return the base64 of each block and its number, from 1."""
    bodies: list[tuple[int, str]] = []
    body: list[str] | None = None
    for raw in lines.split("\n"):
        line = raw.strip()
        if line == _BEGIN and body is None:
            body = []
        elif line == _END and body is not None:
            bodies.append((len(bodies) + 1, "".join(body)))
            body = None
        elif line.startswith("-----"):
            raise PemRefused("incomplete")
        elif body is not None:
            body.append(line)
    if not bodies or body is not None:
        raise PemRefused("incomplete")
    return bodies


def _certificate(numbered: tuple[int, str]) -> Certificate:
    number, base64 = numbered
    try:
        return read_certificate(b64decode(base64, validate=True))
    except (binascii.Error, NotACertificate):
        raise PemRefused("damaged", number=number) from None


def _repaired(lines: str) -> str | None:
    """Return the certificates in a text as PEM, its other blocks and comments left out.

    None where there are none, or one is incomplete or cannot be read.
    """
    found = _BLOCK.findall(lines) or ([] if "-----" in lines else [lines])
    if "-----" in lines and len(found) != len(_BEGINNING.findall(lines)):
        return None
    blocks = []
    for body in found:
        base64 = re.sub(r"\s|\\r|\\n", "", body)
        try:
            der = b64decode(base64, validate=True)
            read_certificate(der)
        except (ValueError, NotACertificate):
            return None
        blocks.append(_armoured(der))
    return "".join(blocks) or None


def _armoured(der: bytes) -> str:
    base64 = b64encode(der).decode("ascii")
    body = [base64[start : start + _WIDTH] for start in range(0, len(base64), _WIDTH)]
    return "\n".join([_BEGIN, *body, _END, ""])

"""What a certificate (RFC 5280) says that matters for a trust anchor, read from its DER.

Only as much is read as the sentences need; signatures, keys and chains are for the tester's TLS
library. The domain has no cryptography of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_BOOLEAN: Final = 0x01
_OID: Final = 0x06
_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_TIMES: Final = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
_CHARSETS: Final = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_NAMES: Final = (bytes.fromhex("550403"), bytes.fromhex("55040b"), bytes.fromhex("55040a"))
_BASIC_CONSTRAINTS: Final = bytes.fromhex("551d13")
_LONG_FORM: Final = 0x80
_MAX_OCTETS: Final = 4
_MAX_NAME: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """A certificate: common names (else unit or organisation) of both sides, and what it is for."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    is_ca: bool
    self_issued: bool


class NotACertificate(ValueError):
    """The bytes are not the DER of one certificate."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    body: bytes


def read_certificate(der: bytes) -> Certificate:
    """Return what the DER of one certificate says; raises NotACertificate."""
    try:
        (certificate,) = _elements(der)
        signed, _algorithm, _signature = _elements(_body(certificate, _SEQUENCE))
        return _read_signed(list(_elements(_body(signed, _SEQUENCE))))
    except (ValueError, IndexError) as error:
        raise NotACertificate(str(error)) from None


def _read_signed(fields: list[_Element]) -> Certificate:
    if fields[0].tag == _VERSION:
        del fields[0]
    _serial, _algorithm, issuer, validity, subject, _key, *others = fields
    not_before, not_after = (_moment(one) for one in _elements(_body(validity, _SEQUENCE)))
    return Certificate(
        subject=_name(_body(subject, _SEQUENCE)),
        issuer=_name(_body(issuer, _SEQUENCE)),
        not_before=not_before,
        not_after=not_after,
        is_ca=_is_ca(others),
        self_issued=issuer == subject,
    )


def _is_ca(others: list[_Element]) -> bool:
    for extensions in (one for one in others if one.tag == _EXTENSIONS):
        (listed,) = _elements(extensions.body)
        for extension in _elements(_body(listed, _SEQUENCE)):
            oid, *_critical, value = _elements(_body(extension, _SEQUENCE))
            if oid.body == _BASIC_CONSTRAINTS:
                (constraints,) = _elements(value.body)
                limits = _elements(_body(constraints, _SEQUENCE))
                return any(one.tag == _BOOLEAN and any(one.body) for one in limits)
    return False


def _name(body: bytes) -> str:
    """Return the most telling part of a name."""
    parts: dict[bytes, str] = {}
    for unit in _elements(body):
        for attribute in _elements(unit.body):
            oid, value = _elements(_body(attribute, _SEQUENCE))
            text = value.body.decode(_CHARSETS.get(value.tag, "latin-1"), errors="replace")
            parts[_body(oid, _OID)] = "".join(one if one.isprintable() else " " for one in text)
    return next((parts[oid] for oid in _NAMES if oid in parts), "")[:_MAX_NAME]


def _moment(element: _Element) -> datetime:
    if element.tag not in _TIMES:
        raise ValueError("no time")
    text = element.body.decode("ascii")
    return datetime.strptime(text, _TIMES[element.tag]).replace(tzinfo=UTC)


def _body(element: _Element, tag: int) -> bytes:
    if element.tag != tag:
        raise ValueError(f"tag {element.tag} instead of {tag}")
    return element.body


def _elements(body: bytes) -> Iterator[_Element]:
    """Return what stands in a DER body, one element behind the other."""
    start = 0
    while start < len(body):
        length, begin = body[start + 1], start + 2
        if length >= _LONG_FORM:
            octets = length - _LONG_FORM
            if not 1 <= octets <= _MAX_OCTETS:
                raise ValueError("a length that DER does not have")
            length, begin = int.from_bytes(body[begin : begin + octets]), begin + octets
        if begin + length > len(body):
            raise ValueError("an element longer than its place")
        yield _Element(body[start], body[begin : begin + length])
        start = begin + length

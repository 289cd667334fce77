"""The host of a setting: a name or an IP literal, in the one form that is stored.

Names follow UTS 46 (non-transitional) and RFC 5891. ASCII labels follow RFC 1123, with the
underscore that internal servers carry and resolvers answer (RFC 2181, section 11).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any, Final

import idna

from services.config_api.domain.characters import (
    has_control_characters,
    without_blanks_around,
    without_invisible,
)

MAX_PORT: Final = 65_535
_MAX_NAME: Final = 253
_MAX_LABEL: Final = 63
_SHOWN: Final = 20  # of a wrong part
_MAX_TYPED: Final = 1_000  # characters that UTS 46 drops or joins may make a name longer
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NO_LETTER: Final = re.compile(r"[^a-z0-9_-]")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: A name of ASCII labels in lower case, in which no step below finds anything to do or to refuse.
_STORED: Final = re.compile(
    rf"(?:(?!xn--){_LABEL.pattern}\.)*(?!xn--|(?:{_NUMBER.pattern})\Z){_LABEL.pattern}"
)
_WITH_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]+):([0-9]*)")
_SCHEME: Final = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]{0,30}):)?(?://|\\\\)")
_IMPLICIT_TLS: Final = {"port": 465, "security": "implicit_tls"}
#: Scheme of a URL → what else it says of the setting.
_OF_SCHEME: Final[dict[str, dict[str, Any]]] = {
    "smtps": _IMPLICIT_TLS,
    "submissions": _IMPLICIT_TLS,
    "ssl": _IMPLICIT_TLS,
    "submission": {"port": 587, "security": "starttls"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """A host as it is stored (lower-case A-labels or an IP literal) and as it was typed.

    `trimmed` tells of blanks around it, `odd` of invisible characters inside; both are taken off.
    """

    name: str
    typed: str
    trimmed: bool = False
    odd: bool = False


class HostRefused(ValueError):
    """The text is not a host; `fix` is the change that would make it one, or None."""

    def __init__(self, code: str, facts: dict[str, Any], fix: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.fix = fix


def read_host(text: str) -> Host:
    """Return the host in a text, blanks around it trimmed.

    Raises HostRefused with the code host_missing, host_is_url, host_is_address, host_has_port,
    host_invalid (its fact `reason` says why) or control_characters.
    """
    if len(text) <= _MAX_NAME and _STORED.fullmatch(text):
        return Host(name=text, typed=text)
    if has_control_characters(text):
        raise HostRefused("control_characters", {"field": "host"})
    bare = without_blanks_around(text)
    if not bare:
        raise HostRefused("host_missing", {})
    typed = without_invisible(bare)
    _refuse_more_than_a_host(typed)
    return Host(name=_literal_or_name(typed), typed=typed, trimmed=bare != text, odd=typed != bare)


def _refuse_more_than_a_host(typed: str) -> None:
    if len(typed) > _MAX_TYPED:
        raise _invalid(typed, "too_long")
    plain = unicodedata.normalize("NFKC", typed)  # an input method may have made the colon wide
    if "/" in plain or "\\" in plain:
        code = "host_is_url"
    elif "@" in plain:
        code = "host_is_address"
    elif _WITH_PORT.fullmatch(plain):
        code = "host_has_port"
    else:
        return
    fix = _cleaned(plain)
    facts = {"value": _without_password(plain)[:_MAX_NAME], "cleaned": fix and fix["host"]}
    raise HostRefused(code, facts, fix)


def _without_password(plain: str) -> str:
    """Return a URL with the password in front of its host replaced."""
    before, at, after = plain.rpartition("@")
    scheme = _SCHEME.match(before)
    start = scheme.end() if scheme else 0
    colon = before.find(":", start)
    return plain if colon < 0 else f"{before[:colon]}:***{at}{after}"


def _cleaned(plain: str) -> dict[str, Any] | None:
    """Return what a URL, address or `host:port` says of the setting: host, port, security."""
    scheme = _SCHEME.match(plain)
    rest = plain[scheme.end() :] if scheme else plain
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    authority = authority.rpartition("@")[2].rstrip(">")  # of “ACME <mailer@acme.example>”
    with_port = _WITH_PORT.fullmatch(authority)
    host, port = with_port.groups() if with_port else (authority, "")
    try:
        fix: dict[str, Any] = {"host": _literal_or_name(host.strip())}
    except HostRefused:
        return None
    if scheme and scheme[1]:
        fix |= _OF_SCHEME.get(scheme[1].lower(), {})
    if port and len(port) <= len(str(MAX_PORT)) and 1 <= int(port) <= MAX_PORT:
        fix["port"] = int(port)
    return fix


def _literal_or_name(text: str) -> str:
    bracketed = text.startswith("[") and text.endswith("]")
    try:
        address = ip_address(text[1:-1] if bracketed else text)
    except ValueError:
        return _a_labels(text)
    if "%" in text:
        raise _invalid(text, "zone")
    if bracketed and isinstance(address, IPv4Address):
        raise _invalid(text, "brackets", fix={"host": str(address)})
    return str(address)


def _a_labels(text: str) -> str:
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
    except idna.IDNAError:
        raise _invalid(text, "not_idna", label=text[:_SHOWN]) from None
    if mapped.count(":") > 1:
        raise _invalid(text, "not_an_address")
    labels = [_a_label(text, label) for label in mapped.removesuffix(".").split(".")]
    name = ".".join(labels)
    if len(name) > _MAX_NAME:
        raise _invalid(text, "too_long")
    if _NUMBER.fullmatch(labels[-1]):  # 127.1, 2130706433 and 0x7f000001 are addresses to libc
        raise _invalid(text, "ends_in_a_number", fix=_decimal_address(mapped))
    return name


def _a_label(text: str, label: str) -> str:
    if label.isascii() and not label.startswith("xn--"):
        if not _LABEL.fullmatch(label):
            raise _ascii_refused(text, label)
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        raise _invalid(text, _reason(label), label=label[:_SHOWN]) from None


def _reason(label: str) -> str:
    if " " in label:
        return "blank"
    encoded = len("xn--") + len(label.encode("punycode"))
    return "label_too_long" if encoded > _MAX_LABEL else "not_idna"


def _ascii_refused(text: str, label: str) -> HostRefused:
    """Return why a label without other letters is refused."""
    other = _NO_LETTER.search(label)
    if not label:
        return _invalid(text, "empty_label")
    if other is not None:
        reason = "blank" if other[0] == " " else "character"
        return _invalid(text, reason, character=other[0])
    if len(label) > _MAX_LABEL:
        return _invalid(text, "label_too_long", label=label[:_SHOWN])
    return _invalid(text, "hyphen", label=label)


def _decimal_address(mapped: str) -> dict[str, Any] | None:
    """Return the change to an address whose digits were wide."""
    try:
        return {"host": str(IPv4Address(mapped))}
    except ValueError:
        return None


def _invalid(
    text: str, reason: str, *, fix: dict[str, Any] | None = None, **facts: object
) -> HostRefused:
    return HostRefused("host_invalid", {"value": text[:_MAX_NAME], "reason": reason, **facts}, fix)

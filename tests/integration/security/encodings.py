"""The forms in which a secret could lie somewhere: the eight encodings of the promise, and HTML."""

from __future__ import annotations

import html
import json
import quopri
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus

ENCODINGS: Final = (
    "raw",
    "base64",
    "url",
    "hex",
    "json",
    "quoted-printable",
    "auth-plain",
    "utf-16",
    "html",
)
_SHORTEST: Final = 8
_ONE_LINE: Final = 72  # a longer form is broken by quoted-printable's soft line ends


def forms(secret: bytes, user: str) -> dict[str, frozenset[bytes]]:
    """Return by encoding the byte strings that give a secret away; each says it whole.

    `user` is who signs in with it. Bytes that are no text have the forms of bytes alone.
    """
    found = {
        "raw": {secret},
        "base64": _base64(secret) | _base64(quote_plus(secret).encode()),
        "hex": {secret.hex().encode(), secret.hex().upper().encode()},
    }
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return _frozen(found)
    found |= {name: some - {secret} for name, some in _of_text(text, user).items()}
    return _frozen({name: some for name, some in found.items() if some})


def sample(secret: str, encoding: str, user: str) -> bytes:
    """Return one form as a careless program would write it, in ASCII but for raw and UTF-16."""
    return _CARELESS[encoding](secret, user)


def _of_text(text: str, user: str) -> dict[str, set[bytes]]:
    raw = text.encode()
    urls = {quote(text, safe=""), quote(text), quote_plus(text)}
    jsons = {json.dumps(text), json.dumps(text, ensure_ascii=False)}
    jsons |= {json.dumps(one[1:-1]) for one in jsons}  # JSON within JSON
    printable = {quopri.encodestring(part) for part in _pieces(raw)}
    found = {
        "url": {one.encode() for one in urls} | {_lower_escapes(one) for one in urls},
        "json": {one[1:-1].encode() for one in jsons} | {_slashed(one[1:-1]) for one in jsons},
        "quoted-printable": printable | {_lower_escapes(one.decode(), "=") for one in printable},
        "auth-plain": {_plain(text, user)},
        "utf-16": {text.encode("utf-16-le"), text.encode("utf-16-be"), *_escaped_utf_16(text)},
        "html": {html.escape(text).encode(), html.escape(text, quote=False).encode()},
    }
    return {name: {one for one in some if len(one) >= _SHORTEST} for name, some in found.items()}


def _pieces(raw: bytes) -> tuple[bytes, ...]:
    """Return what fits into one line of quoted-printable: the whole, or the beginning of it."""
    return (raw if len(quopri.encodestring(raw)) <= _ONE_LINE else raw[: _ONE_LINE // 3],)


def _plain(text: str, user: str) -> bytes:
    return b64encode(f"\0{user}\0{text}".encode())


def _base64(secret: bytes) -> set[bytes]:
    """Return what stands in base64 for these bytes alone, wherever among others they lie."""
    found = set()
    for offset in range(3):
        first = (offset * 8 + 5) // 6
        last = (offset + len(secret)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            found.add(encode(bytes(offset) + secret)[first:last])
    return found


def _escaped_utf_16(text: str) -> set[bytes]:
    """Return what a program shows that takes it for UTF-8 and escapes what is no letter."""
    marks = (r"\x00", r"\\x00", r"\u0000", r"\\u0000")
    plain = [one if one.isascii() else "?" for one in text]
    whole = "".join(plain).partition("?")[0]  # as far as both readings agree
    return {mark.join(whole).encode() for mark in marks if len(whole) >= _SHORTEST // 2}


def _lower_escapes(text: str, mark: str = "%") -> bytes:
    first, *others = text.split(mark)
    return mark.join([first, *(one[:2].lower() + one[2:] for one in others)]).encode()


def _slashed(text: str) -> bytes:
    return text.replace("/", "\\/").encode()


def _frozen(found: dict[str, set[bytes]]) -> dict[str, frozenset[bytes]]:
    return {name: frozenset(some) for name, some in found.items()}


_CARELESS: Final[dict[str, Callable[[str, str], bytes]]] = {
    "raw": lambda secret, _: secret.encode(),
    "base64": lambda secret, _: b64encode(b"password: " + secret.encode()),
    "url": lambda secret, _: quote(secret, safe="").encode(),
    "hex": lambda secret, _: secret.encode().hex().upper().encode(),
    "json": lambda secret, _: json.dumps(secret).encode(),
    "quoted-printable": lambda secret, _: quopri.encodestring(secret.encode()),
    "auth-plain": _plain,
    "utf-16": lambda secret, _: secret.encode("utf-16-be"),
    "html": lambda secret, _: html.escape(secret).encode(),
}

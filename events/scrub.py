"""Takes secrets out of what others say, in every form in which they could echo them."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from binascii import b2a_qp
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

REPLACEMENT: Final = "***"
_SHORT: Final = 4
_LONG_WORD: Final = re.compile(r"[A-Za-z0-9+/]{8,}")
_MINIMUM_ALIGNED: Final = 6


class Scrub:
    """Replaces the secrets it was made with, and words that are a part of an encoded one.

    `encoded` are further forms that go over the wire, such as that of SASL PLAIN. Texts are what
    UTF-8 with `backslashreplace` makes of foreign bytes, not escaped in any further way.
    """

    def __init__(self, secrets: Iterable[str], *, encoded: Iterable[str] = ()) -> None:
        self._whole: set[str] = set(encoded)
        self._words: set[str] = set()
        for secret in filter(None, secrets):
            (self._words if len(secret) < _SHORT else self._whole).add(secret)
            self._whole |= _encoded(secret)
        self._lowered = [form.lower() for form in (*self._whole, *self._words)]
        self._searched = "\n".join(self._whole).lower()

    def clean(self, text: str) -> str:
        """Return the text with every form of a secret replaced."""
        if not self._lowered:
            return text
        lowered = text.lower()
        if any(map(lowered.__contains__, self._lowered)):
            text = self._forms.sub(REPLACEMENT, text)
        return _LONG_WORD.sub(self._without_part, text)

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        """Made when a server first echoes a secret, which hardly one does."""
        alternatives = [re.escape(form) for form in sorted(self._whole, key=len, reverse=True)]
        alternatives += [rf"(?<!\w){re.escape(word)}(?!\w)" for word in self._words]
        return re.compile("|".join(alternatives), re.IGNORECASE)

    def _without_part(self, word: re.Match[str]) -> str:
        """Replace a piece of a secret, as of a server that shortens what it echoes."""
        return REPLACEMENT if word[0].lower() in self._searched else word[0]


def plain_blob(user: str, password: str, authorized_as: str = "") -> str:
    """Return the initial response of SASL PLAIN (RFC 4616) in base64."""
    return b64encode(f"{authorized_as}\0{user}\0{password}".encode()).decode("ascii")


def basic_blob(user: str, password: str) -> str:
    """Return the credentials of HTTP's scheme Basic (RFC 7617) in base64."""
    return b64encode(f"{user}:{password}".encode()).decode("ascii")


def _encoded(secret: str) -> set[str]:
    data = secret.encode()
    urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    jsons = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    jsons |= {json.dumps(form)[1:-1] for form in jsons}  # JSON within JSON
    forms = {data.hex(), *urls, *jsons, *(form.replace("/", "\\/") for form in jsons)}
    forms |= {html.escape(secret), html.escape(secret, quote=False)}
    forms |= {_printable(data, blanks_too=blanks_too) for blanks_too in (False, True)}
    forms |= {"\0".join(secret), *_in_utf_16(secret)}
    for part in {data, *(url.encode() for url in urls)}:  # HTTP's Basic encodes what is in a URL
        forms |= _in_base64(part)
    return {form for form in forms if len(form) >= _MINIMUM_ALIGNED} - {secret}


def _printable(data: bytes, *, blanks_too: bool) -> str:
    """Return the form in quoted-printable (RFC 2045), on one line however long it is."""
    lines = b2a_qp(data, quotetabs=blanks_too, istext=False)
    return lines.replace(b"=\n", b"").decode("ascii")


def _in_utf_16(secret: str) -> set[str]:
    orders = (secret.encode(order) for order in ("utf-16-le", "utf-16-be"))
    return {form.decode("utf-8", "backslashreplace") for form in orders}


def _in_base64(data: bytes) -> set[str]:
    """Return what stands in base64 for the data alone, wherever it begins among other bytes."""
    found = set()
    for offset in range(3):
        first = (offset * 8 + 5) // 6
        last = (offset + len(data)) * 8 // 6
        encoded = b64encode(bytes(offset) + data).decode("ascii")[first:last]
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found | {b64encode(data).decode("ascii")}

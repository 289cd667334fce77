"""Takes secrets out of what a server says, in every form in which it could echo them."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

REPLACEMENT = "***"
_SHORT = 4
_LONG_WORD = re.compile(r"[A-Za-z0-9+/]{8,}")
_MINIMUM_ALIGNED = 6


class Scrub:
    """Replaces the secrets it was made with, and words that are a part of an encoded one.

    `encoded` are further forms that go over the wire, such as that of SASL PLAIN.
    """

    def __init__(self, secrets: Iterable[str], *, encoded: Iterable[str] = ()) -> None:
        whole: set[str] = set(encoded)
        words: set[str] = set()
        for secret in filter(None, secrets):
            (words if len(secret) < _SHORT else whole).add(secret)
            whole |= _encoded(secret)
        alternatives = [re.escape(form) for form in sorted(whole, key=len, reverse=True)]
        alternatives += [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words]
        self._forms = re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None
        self._searched = "\n".join(whole).lower()

    def clean(self, text: str) -> str:
        """Return the text with every form of a secret replaced."""
        if self._forms is None:
            return text
        return _LONG_WORD.sub(self._without_part, self._forms.sub(REPLACEMENT, text))

    def _without_part(self, word: re.Match[str]) -> str:
        """Replace a piece of a secret, as of a server that shortens what it echoes."""
        return REPLACEMENT if word[0].lower() in self._searched else word[0]


def plain_blob(user: str, password: str) -> str:
    """Return the initial response of SASL PLAIN (RFC 4616) in base64."""
    return b64encode(f"\0{user}\0{password}".encode()).decode("ascii")


def _encoded(secret: str) -> set[str]:
    data = secret.encode()
    forms = {data.hex(), b64encode(data).decode("ascii"), quote(secret, safe="")}
    forms |= {_aligned(data, offset) for offset in range(3)}
    return {form for form in forms if len(form) >= _MINIMUM_ALIGNED} - {secret}


def _aligned(data: bytes, offset: int) -> str:
    """Return the part of the base64 form that depends on the data alone, behind `offset` bytes."""
    encoded = b64encode(bytes(offset) + data).decode("ascii").rstrip("=")
    first = (offset * 8 + 5) // 6
    last = (offset + len(data)) * 8 // 6
    return encoded[first:last]

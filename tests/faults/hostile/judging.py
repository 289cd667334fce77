"""What every result must keep, whatever the server did."""

from __future__ import annotations

import json
import unicodedata
from base64 import b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.connection_test import TestResult

LONGEST_TEXT: Final = 512
LARGEST_RESULT: Final = 64 * 1024
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_ADDED_AT_LEAST: Final = 8


def plain(result: TestResult) -> dict[str, Any]:
    """Return a result as JSON has it."""
    read: dict[str, Any] = json.loads(json.dumps(asdict(result)))
    return read


def faults_of(result: dict[str, Any], *, user: str, password: str) -> list[str]:
    """Return what is wrong with a result in plain types: nothing, or words for people."""
    texts = list(_texts(result))
    found = [f"unescaped: {text!r}" for text in texts if not _is_escaped(text)]
    found += [f"too long: {text[:80]!r}" for text in texts if len(text) > LONGEST_TEXT]
    whole = json.dumps(result, ensure_ascii=False)
    if len(whole) > LARGEST_RESULT:
        found.append(f"a result of {len(whole)} characters")
    lowered = whole.lower()
    found += [
        f"a secret: {form!r}"
        for form in secret_forms(user, password)
        if json.dumps(form, ensure_ascii=False)[1:-1].lower() in lowered
    ]
    return found


def secret_forms(user: str, password: str) -> set[str]:
    """Return the forms in which a password could be seen in what a server says."""
    raw = password.encode()
    forms = {
        password, raw.hex(), quote(password, safe=""), quote_plus(password, safe=""),
        json.dumps(password)[1:-1], "\\x00".join(password), quoted_printable(password),
        b64encode(f"\0{user}\0{password}".encode()).decode(),
    }  # fmt: skip
    for before in (b"", b"x", b"xy"):  # the characters that depend on the password alone
        encoded = b64encode(before + raw).decode().rstrip("=")
        forms.add(encoded[-(-len(before) * 8 // 6) : len(before + raw) * 8 // 6])
    return {form for form in forms if len(form) >= _ADDED_AT_LEAST}


def quoted_printable(text: str) -> str:
    """Return text in quoted-printable (RFC 2045 6.7) with blanks encoded, too."""
    return "".join(
        character if character.isalnum() and character.isascii()
        else "".join(f"={byte:02X}" for byte in character.encode())
        for character in text
    )  # fmt: skip


def _is_escaped(text: str) -> bool:
    return not any(unicodedata.category(character) in _UNSHOWN for character in text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)

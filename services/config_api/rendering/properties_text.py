r"""The text that `java.util.Properties.load` reads: ASCII, everything else as \uXXXX."""

from __future__ import annotations

import re
from typing import Final

PLAIN_TEXT: Final = "text/plain; charset=utf-8"
_SPECIAL: Final = re.compile(r"[\\=:#!]|[^\x20-\x7e]")


def line(name: str, value: str) -> str:
    """Return one property as a line; names and values may hold any text."""
    key = _escaped(name).replace(" ", "\\ ")
    guard = "\\" if value.startswith(" ") else ""  # blanks behind the `=` would be dropped
    return f"{key}={guard}{_escaped(value)}\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _unit_escapes(found[0]), text)


def _unit_escapes(character: str) -> str:
    """Return a character with a backslash, or as its UTF-16 code units."""
    if character.isascii() and character.isprintable():
        return "\\" + character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))

"""Reads `.properties` by the rules of `java.util.Properties.load` (Java SE 17), and nothing else.

What Java would pass over in silence is an error here: a name without a value, one that is repeated,
an escape that is none, and every character beyond ASCII outside a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\\=:#! tnrf]))")
_PAIR: Final = re.compile(r"((?:\\.|[^\\=: \t\f])+)[ \t\f]*[=:][ \t\f]*(.*)", re.DOTALL)
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_properties(text: str) -> dict[str, str]:
    """Return the properties in a text; raises ValueError."""
    found: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", text):
        natural = line.lstrip(" \t\f")
        if not natural or natural[0] in "#!":
            continue
        name, value = _pair(natural)
        if name in found:
            raise ValueError(f"repeated: {name}")
        found[name] = value
    return found


def _pair(line: str) -> tuple[str, str]:
    if not line.isascii():
        raise ValueError(f"not ASCII: {line!r}")
    pair = _PAIR.fullmatch(line)
    if pair is None:
        raise ValueError(f"no value: {line!r}")
    return _unescaped(pair[1]), _unescaped(pair[2])


def _unescaped(text: str) -> str:
    """Return a text without its escapes, its UTF-16 units joined to characters."""
    if "\\" in _ESCAPE.sub("", text):
        raise ValueError(f"no such escape: {text!r}")
    units = _ESCAPE.sub(_character, text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _CONTROL.get(escape[2], escape[2])


def resolve_placeholders(text: str, known: Callable[[str], str | None], *, backslash: bool) -> str:
    """Return what Spring makes of `${name:default}` without placeholders inside one another.

    `backslash` is how Spring 6.2 and later read one in front of `${`. Raises ValueError for a name
    that is not known and has no default.
    """
    done = ""
    while (start := text.find("${")) >= 0:
        end = text.find("}", start)
        if end < 0:
            break
        if backslash and text[:start].endswith("\\"):
            done, text = done + text[: start - 1] + "${", text[start + 2 :]
            continue
        name, colon, default = text[start + 2 : end].partition(":")
        value = known(name)
        if value is None and not colon:
            raise ValueError(f"unresolved: {name}")
        done, text = done + text[:start] + (default if value is None else value), text[end + 1 :]
    return done + text

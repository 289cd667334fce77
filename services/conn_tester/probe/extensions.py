"""What a server offers in its answer to EHLO."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply

_KEYWORD: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,63}(=|$)")
_MECHANISM: Final = re.compile(r"[A-Z0-9_-]{1,20}")  # RFC 4422 3.1
_MOST: Final = 100


def read_extensions(reply: ServerReply) -> dict[str, str]:
    """Return keyword → parameters (RFC 5321 4.1.1.1), the old `AUTH=LOGIN` form included."""
    found: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().partition(" ")
        keyword = keyword.upper()
        if len(found) == _MOST or not _KEYWORD.match(keyword):
            continue
        if keyword.startswith("AUTH="):
            keyword, parameters = "AUTH", f"{keyword[5:]} {parameters}"
        if keyword == "AUTH":
            parameters = f"{found.get('AUTH', '')} {parameters}".strip().upper()
        found[keyword] = parameters
    return found


def offered_mechanisms(extensions: dict[str, str]) -> tuple[str, ...]:
    """Return the SASL mechanisms that AUTH offers, each once, in the server's order."""
    names = dict.fromkeys(extensions.get("AUTH", "").split())
    return tuple(name for name in names if _MECHANISM.fullmatch(name))

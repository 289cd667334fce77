"""What a server offers in its answer to EHLO."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.sasl.mechanisms import FOR_PASSWORDS, FOR_TOKENS

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply

_KEYWORD: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,63}")
_MECHANISM: Final = re.compile(r"[A-Z0-9_-]{1,20}")  # RFC 4422 3.1
_MOST: Final = 100
_KNOWN: Final = frozenset({*FOR_PASSWORDS, *FOR_TOKENS})


def without_helo(probe: Probe) -> dict[str, Any] | None:
    """Return the fix where a session property keeps the tester from hearing what is offered."""
    behaviour = probe.target.behaviour
    if behaviour.says_ehlo:
        return None
    return {"session_properties": {behaviour.prefix + "ehlo": None}}


def read_extensions(reply: ServerReply) -> dict[str, str]:
    """Return keyword → parameters (RFC 5321 4.1.1.1), the old `AUTH=LOGIN` form included."""
    found: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().partition(" ")
        keyword, old_form, first = keyword.upper().partition("=")
        if len(found) == _MOST or not _KEYWORD.fullmatch(keyword):
            continue
        if old_form:
            parameters = f"{first} {parameters}"
        if keyword == "AUTH":
            parameters = f"{found.get('AUTH', '')} {parameters}".strip().upper()
        found[keyword] = parameters
    return found


def offered_mechanisms(extensions: dict[str, str]) -> tuple[str, ...]:
    """Return the SASL mechanisms that AUTH offers, each once, in the server's order.

    Behind the first hundred only those are kept that the tester knows.
    """
    names = dict.fromkeys(extensions.get("AUTH", "").split())
    offered = tuple(name for name in names if _MECHANISM.fullmatch(name))
    return offered[:_MOST] + tuple(filter(_KNOWN.__contains__, offered[_MOST:]))

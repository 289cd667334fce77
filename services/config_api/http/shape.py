"""Refuses requests that two readers could take for different ones, before anything else runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from services.config_api.http.hosts import EXTENSION, Hosts
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROBES = frozenset({"/livez", "/readyz"})


def check_shape() -> None:
    """Raise Problem `malformed` for a request whose end, method or host is in doubt.

    Probes may name any host: a balancer often names none, and they tell nothing.
    """
    reason = doubt(request.environ)
    if reason is not None:
        raise Problem("malformed", reason, headers={"Connection": "close"})
    hosts: Hosts = current_app.extensions[EXTENSION]
    named = request.environ.get("HTTP_HOST", "")
    if request.path not in _PROBES and not hosts.include(named):
        raise Problem("malformed", "other_host", facts={"host": _shown(named)})


def doubt(environ: Mapping[str, str]) -> str | None:
    """Return what is in doubt (RFC 9112, section 6.1; RFC 9110, section 9.1), if anything.

    The server itself refuses lengths that differ and codings that do not end in `chunked`. Of a
    request with both it hides the length, reads the chunks, and ends the connection behind it.
    """
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is not None and coding.strip().lower() != "chunked":
        return "transfer_coding"
    if not environ["REQUEST_METHOD"].isupper():
        return "method_case"
    return None


def _shown(host: str) -> str:
    return "".join(one for one in host[:100] if one.isprintable()) or "–"

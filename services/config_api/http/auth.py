"""Who asks: a bearer token, or the session of a person in the web client."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, request

from services.config_api.http.cookies import cookie_name
from services.config_api.http.current import relaybook
from services.config_api.http.problems import Problem
from services.config_api.http.reads.tokens import known_tokens, token_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.config_api.application.entering import Session
    from services.config_api.domain.principal import Principal

#: An address with a port, as some proxies write it.
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::\d{1,5})?")
_CHALLENGE = 'Bearer realm="relaybook"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks; `session` is None for a token."""

    principal: Principal
    session: Session | None = None


def _caller() -> Caller | None:
    """Return who asks, None where nobody says so; raises Problem for a token that does not hold."""
    if "caller" not in g:
        g.caller = _by_token() or _by_session()
    known: Caller | None = g.caller
    return known


def caller_if_known() -> Caller | None:
    """Return who asks, None also for a token that does not hold: for what everybody may see."""
    try:
        return _caller()
    except Problem:
        return None


def authenticated() -> Caller:
    """Return who asks; raises Problem `unauthenticated`."""
    known = _caller()
    if known is None:
        headers = {"WWW-Authenticate": _CHALLENGE}
        raise Problem("unauthenticated", "no_credentials", headers=headers)
    return known


def current_caller() -> Caller:
    """Return who asks, on a route that the guard has let them use."""
    known: Caller = g.caller
    return known


def admission() -> Callable[[], bool]:
    """Return what tells, also behind this request, whether who asks may still do what they may now.

    It raises StoreUnavailable. Asking counts as a use of a session.
    """
    principal, access = current_caller().principal, relaybook().access
    token, cookie = _token(), _cookie() or ""

    def holds() -> bool:
        if token is not None:
            return access.principal_of_token(token) == principal
        session = access.principal_of_session(cookie)
        return session is not None and session.principal == principal

    return holds


def _token() -> str | None:
    """Return what stands where a bearer token should, None where nothing does."""
    header = request.headers.get("Authorization")
    return None if header is None else token_in(header)


def _cookie() -> str | None:
    return request.cookies.get(cookie_name(relaybook().settings))


def _by_token() -> Caller | None:
    token = _token()
    if token is None:
        return None
    principal = known_tokens().principal_of(request.headers["Authorization"], token)
    if principal is None:
        headers = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
        raise Problem("unauthenticated", "bad_token", headers=headers)
    return Caller(principal=principal)


def _by_session() -> Caller | None:
    cookie = _cookie()
    session = relaybook().access.principal_of_session(cookie) if cookie else None
    return Caller(principal=session.principal, session=session) if session else None


def source_ip() -> str | None:
    """Return the address that the request came from, behind the trusted proxies."""
    found = _ADDRESS.fullmatch(request.remote_addr or "")
    try:
        address = ipaddress.ip_address(found[1] or found[2] if found else request.remote_addr or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)

"""Who asks: a bearer token, or the session of a person in the web client."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, request

from services.config_api.http.cookies import cookie_name
from services.config_api.http.current import relaybook
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from services.config_api.application.entering import Session
    from services.config_api.domain.principal import Principal

_CHALLENGE = 'Bearer realm="relaybook"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks; `session` is None for a token."""

    principal: Principal
    session: Session | None = None


def caller() -> Caller | None:
    """Return who asks, None where nobody says so; raises Problem for a token that does not hold."""
    if "caller" not in g:
        g.caller = _by_token() or _by_session()
    known: Caller | None = g.caller
    return known


def authenticated() -> Caller:
    """Return who asks; raises Problem `unauthenticated`."""
    known = caller()
    if known is None:
        headers = {"WWW-Authenticate": _CHALLENGE}
        raise Problem("unauthenticated", "no_credentials", headers=headers)
    return known


def current_caller() -> Caller:
    """Return who asks, on a route that the guard has let them use."""
    known: Caller = g.caller
    return known


def _by_token() -> Caller | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    principal = None
    if scheme.lower() == "bearer":
        principal = relaybook().access.principal_of_token(token.strip())
    if principal is None:
        headers = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
        raise Problem("unauthenticated", "bad_token", headers=headers)
    return Caller(principal=principal)


def _by_session() -> Caller | None:
    service = relaybook()
    cookie = request.cookies.get(cookie_name(service.settings))
    session = service.access.principal_of_session(cookie) if cookie else None
    return Caller(principal=session.principal, session=session) if session else None


def source_ip() -> str | None:
    """Return the address that the request came from, behind the trusted proxies."""
    try:
        return str(ipaddress.ip_address(request.remote_addr or ""))
    except ValueError:
        return None

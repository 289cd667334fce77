"""The session's cookie (contract §6): `__Host-` and Secure behind https, loopback only without."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

    from services.config_api.domain.secret import Secret
    from services.config_api.settings import Settings

_NAME = "relaybook"


def is_secure(settings: Settings) -> bool:
    """Tell whether people reach the service by https."""
    return urlsplit(settings.base_url).scheme == "https"


def cookie_name(settings: Settings) -> str:
    """Return the name of the session's cookie."""
    return f"__Host-{_NAME}" if is_secure(settings) else _NAME


def sign_in_allowed(settings: Settings, source_ip: str | None) -> bool:
    """Tell whether a session may be made: by https, or on plain http from this machine itself."""
    if is_secure(settings):
        return True
    return source_ip is not None and ipaddress.ip_address(source_ip).is_loopback


def set_session(response: Response, settings: Settings, cookie: Secret, ends_at: datetime) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(settings),
        cookie.reveal(),
        expires=ends_at,
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="Lax",
    )


def openid_cookie_name(settings: Settings) -> str:
    """Return the name of the cookie of a sign-in that is under way at an OpenID provider."""
    return f"{cookie_name(settings)}-openid"


def set_openid_attempt(
    response: Response, settings: Settings, cookie: Secret, ends_at: datetime
) -> None:
    """Let the browser prove that the provider's answer is to its own question."""
    response.set_cookie(
        openid_cookie_name(settings),
        cookie.reveal(),
        expires=ends_at,
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="Lax",  # the way back comes from the provider's site
    )


def clear_openid_attempt(response: Response, settings: Settings) -> None:
    """Take the proof from the browser: the question is answered."""
    name, secure = openid_cookie_name(settings), is_secure(settings)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def clear_session(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="Lax"
    )

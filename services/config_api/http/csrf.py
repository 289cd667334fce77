"""Refuses changes that another site makes a signed-in browser send.

Fetch Metadata and Origin first (they need no state), then the session's own token, in the header
`X-CSRF-Token` or the form field `csrf_token`. Bearer tokens are never sent by a browser on its own.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from services.config_api.http.current import relaybook
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from services.config_api.http.auth import Caller

TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 -- the name of a header
TOKEN_FIELD = "csrf_token"  # noqa: S105 -- the name of a form field
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_same_site(caller: Caller) -> None:
    """Raise Problem `forbidden` for a change that a browser sends without the page's token."""
    if caller.session is None or request.method in _SAFE:
        return
    if not came_from_here() or not _token_fits(caller.session.csrf_token):
        raise Problem("forbidden", "cross_site")


def came_from_here() -> bool:
    """Tell whether the browser says that one of this service's own pages sent the request."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return origin in {request.host_url.rstrip("/"), _public_origin()}


def _public_origin() -> str | None:
    """Return the origin of the public URL as browsers spell it: in small letters, no usual port."""
    parts = urlsplit(relaybook().settings.public_url or "")
    if parts.hostname is None:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (
        f":{parts.port}" if parts.port not in {None, usual} else ""
    )


def masked(token: str) -> str:
    """Return a token as a page may hold it: different each time, since pages are compressed."""
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _mixed(mask, token.encode())).decode()


def _token_fits(expected: str) -> bool:
    given = request.headers.get(TOKEN_HEADER)
    if given is None:
        given = request.form.get(TOKEN_FIELD, "")
    return hmac.compare_digest(_unmasked(given, len(expected)), expected.encode())


def _unmasked(given: str, length: int) -> bytes:
    """Return the token in what a page sent back; what is no mask is the token itself."""
    try:
        whole = urlsafe_b64decode(given.encode())
    except ValueError:
        return given.encode()
    if len(whole) != 2 * length:
        return given.encode()
    return _mixed(whole[:length], whole[length:])


def _mixed(mask: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, text, strict=True))

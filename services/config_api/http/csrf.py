"""Refuses changes that another site makes a signed-in browser send.

Fetch Metadata and Origin first (they need no state), then the session's own token, in the header
`X-CSRF-Token` or the form field `csrf_token`. Bearer tokens are never sent by a browser on its own.
"""

from __future__ import annotations

import hmac
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
    public_url = relaybook().settings.public_url
    own = {request.host} | ({urlsplit(public_url).netloc} if public_url else set())
    return urlsplit(origin).netloc in own


def _token_fits(expected: str) -> bool:
    given = request.headers.get(TOKEN_HEADER)
    if given is None:
        given = request.form.get(TOKEN_FIELD, "")
    return hmac.compare_digest(given.encode(), expected.encode())

"""Headers that every answer carries."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING

from flask import request

from services.config_api.http.cookies import is_secure
from services.config_api.http.current import relaybook
from services.config_api.http.trace import TRACE_HEADER, current_trace

if TYPE_CHECKING:
    from flask import Response

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HTTPS_FOR_A_YEAR = "max-age=31536000"
_WITHOUT_BODY = frozenset({204, 304})
_API = ("/v1/", "/livez", "/readyz", "/metrics")


def is_api(path: str) -> bool:
    """Tell whether a path belongs to the API, so that its problems are JSON and not pages."""
    return path == "/v1" or path.startswith(_API)


def add_headers(response: Response) -> Response:
    """Add what protects a browser, the trace's id, and that answers are not stored.

    An answer with an ETag may be kept by whoever asked, but is checked each time. A refusal that
    leaves something of the request unread ends the connection (RFC 9112, section 9.6): a client
    that was not told would lose the next request that it sends there.
    """
    there = {*response.headers.keys(lower=True)}  # each look at one header goes through all
    usual = "private, no-cache" if "etag" in there else "no-store"
    wanted = {**_ALWAYS, "Cache-Control": usual}
    response.headers.extend(
        {name: value for name, value in wanted.items() if name.lower() not in there}
    )
    response.headers[TRACE_HEADER] = current_trace().trace_id
    if is_secure(relaybook().settings):
        response.headers["Strict-Transport-Security"] = _HTTPS_FOR_A_YEAR
    if response.status_code >= HTTPStatus.BAD_REQUEST and _is_unread():
        response.headers["Connection"] = "close"
    if _says_nothing(response):
        response.headers.pop("Content-Type", None)
    return response


def _says_nothing(response: Response) -> bool:
    """Tell whether an answer has no body by its kind, so that no media type describes one."""
    return request.method == "OPTIONS" or response.status_code in _WITHOUT_BODY


def _is_unread() -> bool:
    """Tell whether something of the request's body may be unread; of unknown length it may be."""
    if "Transfer-Encoding" in request.headers:
        return True
    taken: IO[bytes] | None = vars(request).get("stream")  # looking at it would begin to read
    return (taken.tell() if taken else 0) < (request.content_length or 0)

"""The trace that a request belongs to (W3C Trace Context), in every answer, event and log line."""

from __future__ import annotations

import time
from http import HTTPStatus
from random import getrandbits
from typing import TYPE_CHECKING, cast

import structlog
from flask import g, request

from events.tracing import Place, begin, here, place_of
from services.config_api.http.routes import method_label, route_label

if TYPE_CHECKING:
    from flask import Flask, Response

    from events.tracing import Span

TRACE_HEADER = "Trace-Id"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_log = structlog.get_logger(__name__)


def trace_requests(app: Flask) -> None:
    """Make every request of an app a span, and a line of the log: at debug where it only reads."""
    app.before_request(_arrive)
    app.after_request(_answered)
    app.teardown_request(_end)


def current_trace() -> Place:
    """Return the place of the request at hand: in the trace that its header names, or a new one."""
    if "span" not in g:
        _begin()
    return cast("Place", _span().place)


def trace_id_of(traceparent: str | None) -> str:
    """Return the id of the trace that a header names, a new one where it names none."""
    named = None if traceparent is None else place_of(traceparent)
    # It must differ from others and is no secret. Asking the system for it, as `os.urandom` does,
    # would cost each read that is kept another turn of waiting for the interpreter's lock.
    return f"{getrandbits(128):032x}" if named is None else named.trace_id


def elapsed_s() -> float:
    """Return the seconds since the request at hand came."""
    return time.perf_counter() - float(g.get("began", time.perf_counter()))


def _arrive() -> None:
    here(current_trace())


def _begin() -> None:
    g.began = time.perf_counter()
    method, route = method_label(), route_label()
    g.span = begin(
        f"{method} {route}",
        kind="server",
        parent=place_of(request.headers.get("traceparent")),
        attributes={"http.request.method": method, "http.route": route},
    )


def _answered(response: Response) -> Response:
    span, status = _span(), response.status_code
    span.note("http.response.status_code", status)
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if failed:
        span.fail(str(status))
    span.end()
    told = {"method": method_label(), "route": route_label(), "status": status,
            "took_ms": round(elapsed_s() * 1000, 1)}  # fmt: skip
    if failed:
        _log.warning("request", **told)
    elif request.method in _READING:
        _log.debug("request", **told)
    else:
        _log.info("request", **told)
    return response


def _end(_error: BaseException | None) -> None:
    if "span" in g:
        _span().end()
    here(None)


def _span() -> Span:
    return cast("Span", g.span)

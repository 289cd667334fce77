"""The trace that a request belongs to (W3C Trace Context), in every answer and every event."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from flask import g, request

TRACE_HEADER = "Trace-Id"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """The trace's id (32 hex digits) and the traceparent under which this request works on."""

    trace_id: str
    traceparent: str


def continued(traceparent: str | None) -> Trace:
    """Return the trace that a request's header names, a new one where it names none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    known = found is not None and found[1] != _NO_TRACE and found[2] != _NO_SPAN
    trace_id = found[1] if found and known else secrets.token_hex(16)
    return Trace(trace_id=trace_id, traceparent=f"00-{trace_id}-{secrets.token_hex(8)}-01")


def current_trace() -> Trace:
    """Return the trace of the request at hand."""
    if "trace" not in g:
        g.trace = continued(request.headers.get("traceparent"))
    trace: Trace = g.trace
    return trace

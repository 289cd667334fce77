"""What the run of schemathesis knows beyond the description; loaded by its own process."""

from __future__ import annotations

import os
import re
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.generation.meta import TestPhase

#: The token under which everything is asked: a run that revokes it would see nothing but 401.
OWN_TOKEN = os.environ["RELAYBOOK_OWN_TOKEN_ID"]

_KEY = re.compile(r"[!-~]{1,255}")

#: Headers of every answer, which say nothing of the operation.
_GENERAL = frozenset(
    {
        "cache-control", "connection", "content-language", "content-length",
        "content-security-policy", "content-type", "cross-origin-opener-policy",
        "cross-origin-resource-policy", "date", "referrer-policy", "server", "transfer-encoding",
        "vary", "x-content-type-options", "x-frame-options",
    }
)  # fmt: skip


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Keep the run from revoking the token that it asks with."""
    return OWN_TOKEN not in str((case.path_parameters or {}).get("token_id", ""))


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Give each request a key of its own: one that stands for another request is refused."""
    if case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL:
        (case.query or {}).pop("at", None)  # a deleted setting can still be seen as it was
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and _KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = str(uuid4())


@schemathesis.serializer("application/age")
def sealed_file(_context: Any, value: Any) -> bytes:
    """Send a sealed file as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.check
def documented_headers(_context: Any, response: Any, case: Any) -> None:
    """Refuse a header that the description does not name for this answer."""
    if case.meta is not None and case.method.upper() != case.operation.method.upper():
        return  # another method was tried: it has no description
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    known = _GENERAL | {name.lower() for name in described.get("headers", {})}
    odd = {name.lower() for name in response.headers} - known
    if odd and response.status_code != 405:
        raise AssertionError(f"headers without description: {', '.join(sorted(odd))}")

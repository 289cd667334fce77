"""The place in a trace at which work is done now (W3C Trace Context), recorded or not.

It is kept whether or not anybody records spans, so that events, messages and log lines of one
request name the same trace in every process.
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16
_SAMPLED: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A span of a trace: 32 and 16 hexadecimal digits; `sampled` says that it is recorded."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        """How it is told to whoever works on."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


_current: ContextVar[Place | None] = ContextVar("relaybook-place", default=None)


def place_of(traceparent: str | None) -> Place | None:
    """Return the place that a traceparent names, None where it names none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    return Place(trace_id=found[1], span_id=found[2], sampled=bool(int(found[3], 16) & _SAMPLED))


def begun(parent: Place | None = None) -> Place:
    """Return a new place in the parent's trace, or in a trace of its own."""
    return Place(
        trace_id=secrets.token_hex(16) if parent is None else parent.trace_id,
        span_id=secrets.token_hex(8),
        sampled=parent is None or parent.sampled,
    )


def current() -> Place | None:
    """Return the place at which this thread or task works, if any."""
    return _current.get()


def here(place: Place | None) -> None:
    """Say at which place this thread or task works from now on."""
    _current.set(place)


@contextmanager
def at_place(place: Place | None) -> Iterator[None]:
    """Work at a place meanwhile."""
    token = _current.set(place)
    try:
        yield
    finally:
        _current.reset(token)

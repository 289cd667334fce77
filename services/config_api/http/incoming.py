"""Bodies as they arrive: no more at once than there are threads for, and none that is cut off.

The server reads a body in the thread that asked for it, for as long as the sender takes, and tells
a sender that went away like one that has finished.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from flask import current_app, g, request

from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

EXTENSION = "relaybook-arrivals"
MOST_BODIES = 384


class Readable(Protocol):
    """What a WSGI server gives as `wsgi.input`."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """What the requests of one process wait for; the times are of the monotonic clock.

    `reading`: since when a piece of a body is awaited; `working`: since when there is no answer.
    """

    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_BODIES))
    reading: dict[int, float] = field(default_factory=dict)
    working: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def at_work(self, request: object) -> Iterator[None]:
        """Note meanwhile that a request is worked on."""
        self.working[id(request)] = monotonic()
        try:
            yield
        finally:
            del self.working[id(request)]

    def awaits_body(self, seconds: float) -> bool:
        """Tell whether a piece of some body is awaited for so long."""
        return _any_older(self.reading, seconds)

    def works(self, seconds: float) -> bool:
        """Tell whether some request is worked on for so long that does not wait for its body."""
        waiting = set(self.reading)
        return _any_older(
            {k: t for k, t in dict(self.working).items() if k not in waiting}, seconds
        )


def _any_older(times: dict[int, float], seconds: float) -> bool:
    now = monotonic()
    return any(now - since >= seconds for since in tuple(times.values()))


class CutOff(Problem):
    """A body ended before its length: most likely nobody is there to read the answer."""

    def __init__(self) -> None:
        super().__init__("malformed", "cut_off")


class Incoming:
    """The body of one request; reading raises CutOff, or Problem where there is no place."""

    def __init__(self, inner: Readable, length: int | None, arrivals: Arrivals) -> None:
        self._inner = inner
        self._length = length
        self._arrivals = arrivals
        self._taken = 0
        self._has_place = False

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most so many, none at the end."""
        self._take_place()
        self._arrivals.reading[id(self)] = monotonic()
        try:
            chunk = self._inner.read(size)
        finally:
            del self._arrivals.reading[id(self)]
        self._taken += len(chunk)
        if not chunk and size > 0 and self._taken < (self._length or 0):
            self.leave()  # whoever sent it is gone; what is answered now takes nobody's place
            raise CutOff
        return chunk

    def _take_place(self) -> None:
        if self._has_place:
            return
        if not self._arrivals.places.acquire(blocking=False):
            raise Problem("unavailable", "bodies_taken", headers={"Retry-After": "5"})
        self._has_place = True

    def leave(self) -> None:
        """Give the place to another."""
        if self._has_place:
            self._has_place = False
            self._arrivals.places.release()


def arrivals_of_app() -> Arrivals:
    """Return what the current app's requests wait for."""
    found: Arrivals = current_app.extensions[EXTENSION]
    return found


def begin() -> None:
    """Note that a request is worked on, and watch over its body."""
    arrivals = arrivals_of_app()
    given: Readable = request.environ["wsgi.input"]
    body = Incoming(given, request.content_length, arrivals)
    request.environ["wsgi.input"] = body
    g.incoming = body
    arrivals.working[id(body)] = monotonic()


def answered(response: Response) -> Response:
    """Note that a request has its answer."""
    arrivals_of_app().working.pop(id(g.get("incoming")), None)
    return response


def end(_error: BaseException | None) -> None:
    """Note that a request is done with."""
    body: Incoming | None = g.pop("incoming", None)
    if body is not None:
        arrivals_of_app().working.pop(id(body), None)
        body.leave()

"""Server-sent events (WHATWG HTML §9.2): bounded, kept alive, ended with the process.

A stream holds a thread of the server for as long as it is open, so a process has places for 64;
whoever comes later is told to try again. All of them end soon once the process is asked to stop.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from itertools import chain
from threading import BoundedSemaphore, Event
from typing import TYPE_CHECKING, TypeVar

from flask import Response, current_app, request

from events.store.port import StoreError
from services.config_api.http.metrics import metrics
from services.config_api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Chunk = TypeVar("Chunk", str, bytes)
MOST_STREAMS = 64
EXTENSION = "relaybook-streams"
QUIET_S = 10.0
#: Sent while nothing happens, so that nothing between here and there gives up.
COMMENT = ": here\n\n"
_EVENT_STREAM = "text/event-stream"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Streams:
    """The places for streams of one process; `stopping` ends those that are open."""

    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_STREAMS))
    stopping: Event = field(default_factory=Event)


def streams() -> Streams:
    """Return the current app's places."""
    found: Streams = current_app.extensions[EXTENSION]
    return found


def event(name: str | None, document: object, event_id: str | None = None) -> str:
    """Return one server-sent event; JSON has no line breaks, so its data is one line."""
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    head = "" if event_id is None else f"id: {event_id}\n"
    return head + ("" if name is None else f"event: {name}\n") + f"data: {data}\n\n"


def event_stream(events: Iterable[str]) -> Response:
    """Return a stream of server-sent events; raises Problem `unavailable`."""
    opening = (COMMENT,)  # so that the headers leave at once
    response = streamed(chain(opening, events), _EVENT_STREAM)
    response.headers["X-Accel-Buffering"] = "no"
    return response


def streamed(chunks: Iterable[Chunk], content_type: str) -> Response:
    """Return an answer that is sent while it is made, in one of the places for streams."""
    if request.method == "HEAD":
        return Response(content_type=content_type)
    own = streams()
    if not own.places.acquire(blocking=False):
        raise Problem("unavailable", "streams_taken", headers={"Retry-After": "5"})
    gauge = metrics().streams
    gauge.inc()
    response = Response(_until_stopped(chunks, own.stopping), content_type=content_type)

    @response.call_on_close
    def leave() -> None:
        gauge.dec()
        own.places.release()

    return response


def _until_stopped(chunks: Iterable[Chunk], stopping: Event) -> Iterator[Chunk]:
    """Yield until the process stops; a stream whose store went away ends."""
    try:
        for chunk in chunks:
            if stopping.is_set():
                return
            yield chunk
    except StoreError:
        _log.warning("a stream ended early", exc_info=True)

"""Reads server-sent events (WHATWG HTML, 9.2.6) from the lines of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSentEvent:
    """One event; `id` is the newest that the stream has named, for `Last-Event-ID`."""

    event: str
    data: str
    id: str | None


def read_events(lines: Iterable[str]) -> Iterator[ServerSentEvent]:
    """Yield the events of a stream; comments and events without data are passed over."""
    name, data, newest = "message", [], None  # type: str, list[str], str | None
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerSentEvent(event=name, data="\n".join(data), id=newest)
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            newest = value

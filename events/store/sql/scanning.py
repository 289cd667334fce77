"""Reads what may be the whole log, for folds and replays, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.envelope import RecordedEvent, Told, names_in
from events.store.sql.failures import translated
from events.store.sql.raw import LogSelect
from events.store.sql.reading import IN_ORDER, final_position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_PAGE = 5_000
_TOLD = LogSelect.of(Told, IN_ORDER)
_PAGE_OF_STREAMS = 1_000
_OF_CATEGORY = LogSelect.of(  # `+ 0` as in `retrieval`
    RecordedEvent,
    "SELECT {columns} FROM events WHERE (stream, version) > (:stream, :version) AND stream < :end"
    " AND position + 0 <= :upto ORDER BY stream, version LIMIT :limit",
)


def scan(engine: Engine) -> Iterator[Told]:
    """Yield events as `EventStore.scan` does; no connection is held in between."""
    with translated(), engine.connect() as connection:
        upto = final_position(connection)
    after = 0
    while after < upto:
        # A page at most is asked for: without statistics PostgreSQL would sort all the rest.
        end = min(after + _PAGE, upto)
        yield from _TOLD.events(engine, {"after": after, "upto": end, "limit": _PAGE})
        after = end


def read_category(engine: Engine, category: str, upto_position: int) -> Iterator[RecordedEvent]:
    """Yield events as `EventStore.read_category` does; no connection is held in between."""
    stream, end = names_in(category)
    values = {"version": 0, "end": end, "upto": upto_position, "limit": _PAGE_OF_STREAMS}
    is_full = True
    while is_full:
        page = _OF_CATEGORY.events(engine, {**values, "stream": stream})
        yield from page
        is_full = len(page) == _PAGE_OF_STREAMS
        if is_full:
            stream, values["version"] = page[-1].stream, page[-1].version

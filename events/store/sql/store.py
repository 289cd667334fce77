"""The event store on a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from events.store.port import EVERYTHING
from events.store.recording import check_append, check_instant, check_number
from events.store.sql.batch import append_in_chunks
from events.store.sql.engine import make_read_engine
from events.store.sql.failures import translated
from events.store.sql.postgresql.single import append_at_once, fits
from events.store.sql.reading import final_position, read_one_stream, read_page
from events.store.sql.retrieval import (
    last_events_of_tenants,
    last_position_at,
    names_of_streams,
    read_several_streams,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from events.envelope import Cause, RecordedEvent
    from events.store.port import Appended, EventFilter, Page, RowWrite, StreamAppend


class SqlEventStore:
    """Keeps `EventStore`'s promises on PostgreSQL and SQLite; the engines come from `engine`."""

    def __init__(self, engine: Engine, read_engine: Engine | None = None) -> None:
        self._engine = engine
        self._read_engine = read_engine or make_read_engine(engine.url)
        # There the engine for reading also takes appends of one statement, each a transaction of
        # its own: no BEGIN, no COMMIT and no change of mode to wait for.
        self._takes_one_statement = engine.dialect.name == "postgresql"

    def append(
        self,
        appends: Iterable[StreamAppend],
        *,
        cause: Cause,
        at: datetime,
        rows: Sequence[RowWrite] = (),
    ) -> Appended:
        check_instant(at)
        if self._takes_one_statement and isinstance(appends, Sequence) and len(appends) == 1:
            append: StreamAppend = appends[0]
            check_append(append)
            all_rows = (*append.rows, *rows)
            if fits(append, all_rows):
                with translated(), self._read_engine.connect() as connection:
                    return append_at_once(connection, append, cause=cause, at=at, rows=all_rows)
        with translated(), self._engine.begin() as connection:
            return append_in_chunks(connection, appends, cause=cause, at=at, rows=rows)

    def read_stream(self, stream: str, *, upto_position: int | None = None) -> list[RecordedEvent]:
        with translated(), self._read_engine.connect() as connection:
            return read_one_stream(connection, stream, upto_position)

    def read_streams(
        self, streams: Sequence[str], *, upto_position: int | None = None
    ) -> dict[str, list[RecordedEvent]]:
        check_number(streams)
        with translated(), self._read_engine.connect() as connection:
            return read_several_streams(connection, streams, upto_position)

    def stream_names(
        self, category: str, *, after: str | None, limit: int, upto_position: int | None = None
    ) -> list[str]:
        with translated(), self._read_engine.connect() as connection:
            return names_of_streams(
                connection, category, after=after, limit=limit, upto_position=upto_position
            )

    def position_at(self, instant: datetime) -> int:
        check_instant(instant)
        with translated(), self._read_engine.connect() as connection:
            return last_position_at(connection, instant)

    def read_all(self, *, after: int, limit: int, only: EventFilter = EVERYTHING) -> Page:
        with translated(), self._read_engine.connect() as connection:
            return read_page(connection, after=after, limit=limit, only=only)

    def last_of_tenants(self, type_: str, upto: Mapping[str, int]) -> dict[str, RecordedEvent]:
        check_number(upto)
        with translated(), self._read_engine.connect() as connection:
            return last_events_of_tenants(connection, type_, upto)

    def head(self) -> int:
        with translated(), self._read_engine.connect() as connection:
            return final_position(connection)

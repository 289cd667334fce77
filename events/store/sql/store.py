"""The event store on a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from events.failpoints import reach
from events.store.port import EVERYTHING
from events.store.recording import check_append, check_instant, check_number
from events.store.sql.batch import append_in_chunks
from events.store.sql.failures import translated
from events.store.sql.figures import measured
from events.store.sql.moments import last_position_at
from events.store.sql.newest import newest_of_streams
from events.store.sql.postgresql.single import append_at_once, fits
from events.store.sql.reading import final_position, read_one_stream, read_page
from events.store.sql.retrieval import (
    last_events_of_tenants,
    names_of_streams,
    read_several_streams,
)
from events.store.sql.scanning import read_category, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from events.envelope import Cause, RecordedEvent, Told
    from events.store.notices import Notices
    from events.store.port import Appended, EventFilter, Page, RowWrite, StreamAppend


class SqlEventStore:
    """Keeps `EventStore`'s promises on PostgreSQL and SQLite; the engines come from `engine`.

    Every commit is told to `notices`.
    """

    def __init__(self, engine: Engine, read_engine: Engine, notices: Notices) -> None:
        self._engine = engine
        self._notices = notices
        self._read_engine = read_engine
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
        reach("append.begun")
        with measured(self._engine.dialect.name):
            return self._append(appends, cause=cause, at=at, rows=rows)

    def _append(
        self,
        appends: Iterable[StreamAppend],
        *,
        cause: Cause,
        at: datetime,
        rows: Sequence[RowWrite],
    ) -> Appended:
        if self._takes_one_statement and isinstance(appends, Sequence) and len(appends) == 1:
            append: StreamAppend = appends[0]
            check_append(append)
            all_rows = (*append.rows, *rows)
            if fits(append, all_rows):
                # Outermost: whoever waits for other hosts must hold no connection meanwhile.
                with self._notices.changing([append.stream]), translated():
                    done = append_at_once(
                        self._read_engine, append, cause=cause, at=at, rows=all_rows
                    )
                reach("append.committed")
                return done
        with translated(), self._engine.begin() as connection:
            done = append_in_chunks(connection, appends, cause=cause, at=at, rows=rows)
            reach("append.written")
            with self._notices.changing(done.versions):  # nobody has seen anything of it yet
                connection.commit()
        reach("append.committed")
        return done

    def read_stream(
        self, stream: str, *, from_version: int = 1, upto_position: int | None = None
    ) -> list[RecordedEvent]:
        return read_one_stream(self._read_engine, stream, from_version, upto_position)

    def read_streams(
        self, streams: Sequence[str], *, upto_position: int | None = None
    ) -> dict[str, list[RecordedEvent]]:
        check_number(streams)
        return read_several_streams(self._read_engine, streams, upto_position)

    def stream_names(
        self, category: str, *, after: str | None, limit: int, upto_position: int | None = None
    ) -> list[str]:
        with translated(), self._read_engine.connect() as connection:
            return names_of_streams(
                connection, category, after=after, limit=limit, upto_position=upto_position
            )

    def newest_of_streams(self, category: str, *, after: str | None, limit: int) -> list[Told]:
        return newest_of_streams(self._read_engine, category, after=after, limit=limit)

    def position_at(self, instant: datetime) -> int:
        check_instant(instant)
        with translated(), self._read_engine.connect() as connection:
            return last_position_at(connection, instant)

    def read_all(self, *, after: int, limit: int, only: EventFilter = EVERYTHING) -> Page:
        return read_page(self._read_engine, after=after, limit=limit, only=only)

    def scan(self) -> Iterator[Told]:
        return scan(self._read_engine)

    def read_category(self, category: str, *, upto_position: int) -> Iterator[RecordedEvent]:
        return read_category(self._read_engine, category, upto_position)

    def last_of_tenants(self, type_: str, upto: Mapping[str, int]) -> dict[str, RecordedEvent]:
        check_number(upto)
        with translated(), self._read_engine.connect() as connection:
            return last_events_of_tenants(connection, type_, upto)

    def head(self) -> int:
        with translated(), self._read_engine.connect() as connection:
            return final_position(connection)

"""Chunks of new streams that the server writes while the next one is made.

The statements of a chunk are sent without waiting (libpq's pipeline mode); what came of them is
looked at once those of the next are sent. All are in the one transaction.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from events.store.port import Expected, VersionConflict
from events.store.recording import recorded_fields
from events.store.sql.postgresql.direct import as_usual
from events.store.sql.postgresql.session import session_of
from events.store.sql.postgresql.unnested import begin_statement, insert_statement
from events.store.sql.rows import LostWrite, inserts_of
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from events.envelope import Cause
    from events.store.port import StreamAppend
    from events.store.sql.postgresql.unnested import Statement

    Cursor = psycopg.Cursor[tuple[Any, ...]]


@contextmanager
def sent_ahead(connection: Connection) -> Iterator[Ahead]:
    """Give what sends chunks within the transaction of `connection`.

    Raises the database's errors as SQLAlchemy does. A stream that was there is told first: what
    follows from that fails as well.
    """
    ahead = Ahead(connection)
    with as_usual(connection):
        try:
            yield ahead
        except psycopg.Error:
            ahead.tell_conflict()
            raise
        finally:
            ahead.abandon()


@dataclass(kw_only=True, slots=True)
class _Sent:
    """A chunk on its way; `written` are the inserts, each with its table and its rows that count.

    The last one is that of the events: where it has ended, so have all others.
    """

    appends: Sequence[StreamAppend]
    begun: Cursor
    written: list[tuple[Cursor, str, int | None]] = field(default_factory=list)

    def check_begun(self) -> None:
        """Raise VersionConflict for a stream that was there."""
        begun = {stream for (stream,) in self.begun.fetchall()}
        for append in self.appends:
            if append.stream not in begun:
                raise VersionConflict(append.stream, append.expected)

    def position(self) -> int:
        """Wait for the chunk and return its last position; raises VersionConflict, LostWrite."""
        placed = self.written[-1][0].fetchall()
        self.check_begun()
        for cursor, table, sent in self.written:
            if sent is not None and cursor.rowcount != sent:
                raise LostWrite(table, sent=sent, written=cursor.rowcount)
        last: int = max(position for _, position in placed)
        return last


class Ahead:
    """Sends chunks, one of which may be on its way while the next one is made."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._opened = ExitStack()
        self._pipeline: psycopg.Pipeline | None = None
        self._sent: list[_Sent] = []
        self._position = 0

    def send(
        self, chunk: Sequence[StreamAppend], *, cause: Cause, at: datetime
    ) -> Mapping[str, int] | None:
        """Send a chunk and return the versions of its streams; None, with nothing sent, for others.

        Others have streams that may be there, or rows that need their position or their order.
        Raises VersionConflict and LostWrite, also of the chunk before.
        """
        inserts = inserts_of([row for append in chunk for row in append.rows])
        if inserts is None or any(one.expected is not Expected.NO_STREAM for one in chunk):
            return None
        # In the order of their names, so that two imports wait for each other in one order.
        ordered = sorted(chunk, key=lambda append: append.stream)
        heads = {append.stream: len(append.events) for append in ordered}
        fields = [
            row
            for append in chunk
            for row in recorded_fields(append, head=heads[append.stream], cause=cause, at=at)
        ]
        pipeline = self._pipeline or self._open()
        sent = _Sent(appends=ordered, begun=self._execute(begin_statement(heads)))
        self._sent.append(sent)  # by now, for a failure of what follows may be due to it
        for one in inserts:
            sent.written.append((self._execute(one.statement), one.table, one.rows))
        sent.written.append((self._execute(insert_statement(fields)), events.name, len(fields)))
        self._sync(pipeline)
        self._wait(but=1)
        return heads

    def settled(self) -> int:
        """Wait for what was sent; return the last position so far, 0 without any.

        The connection is free for other statements by then. Raises as `send` does.
        """
        self._wait(but=0)
        self._close()
        return self._position

    def tell_conflict(self) -> None:
        """Raise VersionConflict where that is why a statement failed."""
        for sent in self._sent:
            if sent.begun.pgresult is not None:
                sent.check_begun()

    def abandon(self) -> None:
        """Let go of what is still on its way."""
        with suppress(psycopg.Error):
            self._close()

    def _open(self) -> psycopg.Pipeline:
        self._pipeline = self._opened.enter_context(self._session().pipeline())
        return self._pipeline

    def _close(self) -> None:
        self._pipeline = None
        self._opened.close()

    def _sync(self, pipeline: psycopg.Pipeline) -> None:
        """Let the server count this session as idle once the chunk is written.

        A writer that is stuck is ended for that; else it would hold back every follower. psycopg's
        own `sync` waits for the answers, which are to come meanwhile.
        """
        session = self._session()
        pipeline._enqueue_sync()  # noqa: SLF001 -- the first half of `sync`
        session.wait(pipeline._communicate_gen())  # noqa: SLF001 -- the second one
        while session.pgconn.flush():  # it leaves what the connection has no room for
            session.wait(pipeline._communicate_gen())  # noqa: SLF001 -- the same

    def _wait(self, *, but: int) -> None:
        while len(self._sent) > but:
            self._position = self._sent[0].position()
            del self._sent[0]

    def _execute(self, statement: Statement) -> Cursor:
        text, values = statement
        return self._session().execute(text, values)

    def _session(self) -> psycopg.Connection[Any]:
        return session_of(self._connection.connection)

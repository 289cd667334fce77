"""What somebody does who owns the database: triggers are no hindrance."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from events.sealing.commitment import content_hash
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Executable, RowMapping

    from tests.support.sealed_log import Kept

_TABLES = ("events", "log_checkpoints")
_SQLITE = (
    "events_no_UPDATE", "events_no_DELETE", "events_no_replace",
    "log_checkpoints_no_UPDATE", "log_checkpoints_no_DELETE",
)  # fmt: skip


@contextmanager
def writable(kept: Kept) -> Iterator[Connection]:
    """Give a transaction in which history can be rewritten."""
    with kept.relaybook.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in _TABLES:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            yield connection
            for table in _TABLES:
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))
            return
        for trigger in _SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        yield connection


Rows = list[tuple[int, bytes]]
#: Of a row: the columns that an event commits to, and a value that it never had.
COLUMNS: dict[str, object] = {
    "stream": "test-none", "version": 77, "id": "0", "type": "smtp_setting.deleted",
    "schema_version": 9, "tenant": "initech", "recorded_at": datetime(2020, 1, 1, tzinfo=UTC),
    "actor": "user:nobody", "source_ip": "203.0.113.9", "correlation_id": "x",
    "causation_id": "y", "traceparent": "z", "data": b'{"n":-1}', "salt": bytes(16),
    "content_hash": bytes(32),
}  # fmt: skip
_COPY = "CREATE TABLE kept_{table} AS SELECT * FROM {table}"
_BACK = (
    "DELETE FROM {table}",
    "INSERT INTO {table} {overriding} SELECT * FROM kept_{table}",
)
_KEPT = ("events", "log_tiles", "log_checkpoints", "signing_keys")


class Database:
    """A sealed log's database in the hands of its administrator, who can undo what was done."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.is_postgres = kept.relaybook.engine.dialect.name == "postgresql"
        with writable(kept) as connection:
            if self.is_postgres:
                for table in _TABLES:  # for good: this database is never used again
                    connection.execute(text(f"DROP TRIGGER {table}_insert_only ON {table}"))
            for table in _KEPT:
                connection.execute(text(_COPY.format(table=table)))
        self.before = self.rows()

    def rows(self) -> Rows:
        """Return each position with what its row really holds, whatever its hash says."""
        with self.kept.relaybook.read_engine.connect() as connection:
            found = connection.execute(select(events).order_by(events.c.position)).mappings()
            return [(row["position"], self._held(row)) for row in found]

    def do(self, *statements: Executable) -> None:
        with self.kept.relaybook.engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)

    def undo(self) -> None:
        overriding = "OVERRIDING SYSTEM VALUE " if self.is_postgres else ""
        with self.kept.relaybook.engine.begin() as connection:
            for table in _KEPT:
                for statement in _BACK:
                    connection.execute(text(statement.format(table=table, overriding=overriding)))

    def first_difference(self) -> range | None:
        """Return the first position whose row is another one, gone, or new; None for no change.

        Where one is gone it may have been anywhere up to the next one: then there are several.
        """
        after, last = self.rows(), 0
        for number, told in enumerate(self.before):
            if number >= len(after):
                return range(last + 1, last + 2)
            if after[number] != told:
                found = after[number][0]
                if any(position == told[0] for position, _ in after):
                    return range(found, found + 1)
                return range(last + 1, found + 1)
            last = told[0]
        return range(last + 1, last + 2) if len(after) > len(self.before) else None

    @staticmethod
    def _held(row: RowMapping) -> bytes:
        held = content_hash(dict(row))
        return held if held == row["content_hash"] else b"altered"


def rewritten(row: RowMapping, **changes: object) -> dict[str, object]:
    """Return a row with changes and a content hash that fits them."""
    values = dict(row) | changes
    return values | {"content_hash": content_hash(values)}

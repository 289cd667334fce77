"""Appends by statements written by hand on the product's own tables in SQLite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import make_url

from events.envelope import new_id
from events.sealing.commitment import content_hash, new_salt
from events.store.sql.sqlite.engine import driver
from tests.bench._appends_data import DATA, TOLD, TYPE, a_row
from tests.bench._race import race
from tests.support.events import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIRST: Final = "INSERT INTO streams (stream, version) VALUES (:stream, :version)"
_NEXT: Final = """
UPDATE streams SET version = :version WHERE stream = :stream AND version = :version - 1
"""
_EVENT: Final = """
INSERT INTO events (stream, version, id, type, schema_version, tenant, recorded_at, actor,
  source_ip, correlation_id, causation_id, traceparent, data, salt, content_hash)
VALUES (:stream, :version, :id, :type, :schema_version, :tenant, :stored_at, :actor,
  :source_ip, :correlation_id, NULL, NULL, :data, :salt, :content_hash) RETURNING position
"""
_ROW: Final = """
INSERT INTO smtp_settings (id, version, is_default, search, document)
VALUES (:id, :version, :is_default, :search, :document)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, is_default = excluded.is_default,
  search = excluded.search, document = excluded.document
WHERE smtp_settings.version < excluded.version
"""
_SHARED: Final = {
    "type": TYPE, "schema_version": 1, "tenant": "acme", "recorded_at": NOON,
    "stored_at": f"{NOON:%Y-%m-%d %H:%M:%S.%f}", "actor": "user:alice",
    "source_ip": "192.0.2.1", "correlation_id": "story-1", "causation_id": None,
    "traceparent": None, "data": DATA,
}  # fmt: skip


class HandWriter:
    def __init__(self, url: str) -> None:
        self._connection = driver().connect(make_url(url).database, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        if self._connection.execute("PRAGMA synchronous").fetchone() != (2,):
            raise RuntimeError("commits are not flushed")

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        ((stream, version),) = events
        if not self._is_appended(stream, version):
            raise RuntimeError(f"{stream} is not at {version - 1}")

    def read(self, stream: str) -> list[Any]:
        rows = self._connection.execute(
            "SELECT data FROM events WHERE stream = ? ORDER BY version", (stream,)
        ).fetchall()
        return [json.loads(data) for (data,) in rows]

    def is_refused(self, stream: str, version: int) -> bool:
        return not self._is_appended(stream, version)

    def _is_appended(self, stream: str, version: int) -> bool:
        event = {**_SHARED, "stream": stream, "version": version, "id": new_id(),
                 "salt": new_salt()}  # fmt: skip
        event["content_hash"] = content_hash(event)
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        if execute(_FIRST if version == 1 else _NEXT, event).rowcount != 1:
            execute("ROLLBACK")
            return False
        execute(_EVENT, event).fetchone()
        execute(_ROW, a_row(stream, version))
        execute("COMMIT")
        return True


if __name__ == "__main__":
    race(HandWriter, TOLD)

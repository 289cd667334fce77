"""Appends by one statement written by hand, prepared, on the product's own tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import make_url

from events.envelope import new_id
from events.sealing.commitment import content_hash, new_salt
from tests.bench._appends_data import DATA, TOLD, TYPE, a_row
from tests.bench._race import race
from tests.support.events import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence

_REST: Final = """, event AS (
  INSERT INTO events (stream, version, id, type, schema_version, tenant, recorded_at, actor,
    source_ip, correlation_id, causation_id, traceparent, data, salt, content_hash)
  SELECT stream, version, $3, $4, $5, $6, $7, $8, $9, $10, NULL, NULL, $11, $12, $13 FROM claimed
  RETURNING version, position
), setting AS (
  INSERT INTO smtp_settings (id, version, is_default, search, document)
  SELECT $1, version, $14, $15, $16 FROM event
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, is_default = excluded.is_default,
    search = excluded.search, document = excluded.document
  WHERE smtp_settings.version < excluded.version
) SELECT position FROM event
"""
_BEGIN: Final = """
INSERT INTO streams (stream, version) VALUES ($1, $2) ON CONFLICT DO NOTHING
RETURNING stream, version
"""
_ADVANCE: Final = """
UPDATE streams SET version = $2 WHERE stream = $1 AND version = $2 - 1 RETURNING stream, version
"""
_FIRST, _NEXT = (f"WITH claimed AS ({claim}) {_REST}" for claim in (_BEGIN, _ADVANCE))
_SHARED: Final = {
    "type": TYPE, "schema_version": 1, "tenant": "acme", "recorded_at": NOON,
    "actor": "user:alice", "source_ip": "192.0.2.1", "correlation_id": "story-1",
    "causation_id": None, "traceparent": None, "data": DATA,
}  # fmt: skip


class HandWriter:
    def __init__(self, url: str) -> None:
        address = make_url(url).set(drivername="postgresql")
        self._connection = psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True
        )
        self._cursor = psycopg.RawCursor(self._connection)

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        ((stream, version),) = events
        if self._position(stream, version) is None:
            raise RuntimeError(f"{stream} is not at {version - 1}")

    def read(self, stream: str) -> list[Any]:
        rows = self._connection.execute(
            "SELECT data FROM events WHERE stream = %s ORDER BY version", (stream,)
        ).fetchall()
        return [json.loads(data) for (data,) in rows]

    def is_refused(self, stream: str, version: int) -> bool:
        return self._position(stream, version) is None

    def _position(self, stream: str, version: int) -> Any:
        event = {**_SHARED, "stream": stream, "version": version, "id": new_id(),
                 "salt": new_salt()}  # fmt: skip
        row = a_row(stream, version)
        values = (
            stream, version, event["id"], TYPE, 1, "acme", NOON, "user:alice", "192.0.2.1",
            "story-1", DATA, event["salt"], content_hash(event), row["is_default"], row["search"],
            row["document"],
        )  # fmt: skip
        self._cursor.execute(_FIRST if version == 1 else _NEXT, values, prepare=True)
        return self._cursor.fetchone()


if __name__ == "__main__":
    race(HandWriter, TOLD)

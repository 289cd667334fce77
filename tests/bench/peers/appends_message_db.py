"""Appends by message-db's function, all streams in one category, without rows of a read model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import make_url

from events.envelope import new_id
from tests.bench._appends_data import DATA, TOLD, TYPE
from tests.bench._race import race

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRITE: Final = "SELECT write_message($1, $2, $3, $4::jsonb, NULL, $5)"
_TEXT: Final = DATA.decode()


class FunctionWriter:
    def __init__(self, url: str) -> None:
        address = make_url(url).set(drivername="postgresql")
        self._connection = psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True,
            options="-c search_path=message_store,public",
        )  # fmt: skip
        self._cursor = psycopg.RawCursor(self._connection)

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        ((stream, version),) = events
        values = (new_id(), stream, TYPE, _TEXT, version - 2)  # it counts from 0, -1 is none
        self._cursor.execute(_WRITE, values, prepare=True)

    def read(self, stream: str) -> list[Any]:
        rows = self._connection.execute(
            "SELECT data FROM messages WHERE stream_name = %s ORDER BY position", (stream,)
        ).fetchall()
        return [data for (data,) in rows]

    def is_refused(self, stream: str, version: int) -> bool:
        try:
            self.append([(stream, version)])
        except psycopg.errors.RaiseException:
            return True
        return False


if __name__ == "__main__":
    race(FunctionWriter, TOLD)

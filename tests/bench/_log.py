"""A log of many settings, each changed nineteen times or never, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from deploy.migrations import migrate
from events.sealing.commitment import content_hash, new_salt
from events.store.sql.opening import OpenedStore, open_store
from events.store.sql.tables import events
from tests.bench._frame import say
from tests.bench._reads_data import into_postgres, plain, setting_id
from tests.support.events import NOON
from tests.support.services import named_postgres

_SAMPLES: Final = Path(__file__).parents[1] / "golden" / "events"
EACH: Final = 20
#: So many events, of settings that take turns, go in at once.
BLOCK: Final = 1_000
_NAMES: Final = tuple(name for name in events.columns.keys() if name != "position")  # noqa: SIM118 -- iterating would give columns


@dataclass(kw_only=True)
class Log:
    """A log that grows; `url` is its database, `count` how many events it holds, `each` a setting.

    A block of a thousand events ends with a setting's last one.
    """

    name: str
    url: str
    opened: OpenedStore
    count: int = 0
    each: int = EACH

    def grow(self, count: int) -> None:
        """Add events until there are so many, a thousand at a time, past the appending."""
        while self.count < count:
            with self.opened.engine.begin() as connection:
                _write(connection, _block(self.count, self.each), last=self.each)
            self.count += BLOCK
        say(f"{self.count:,} events are in {self.name}")

    def grow_with_rows(self, count: int) -> None:
        """Do the same and add the settings to PostgreSQL's read model; leave nothing to tidy up."""
        begin = self.count // self.each
        self.grow(count)
        into_postgres(self.url, begin, self.count // self.each)
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


@contextmanager
def empty_logs() -> Iterator[list[Log]]:
    """Give an empty log on each kind of database."""
    server = named_postgres()
    url = server.create()
    try:
        with (
            TemporaryDirectory() as folder,
            empty_log("sqlite", f"sqlite:///{folder}/log.db") as sqlite,
            empty_log("postgresql", url) as postgres,
        ):
            yield [sqlite, postgres]
    finally:
        server.drop(url)


@contextmanager
def empty_log(name: str, url: str, *, each: int = EACH) -> Iterator[Log]:
    """Give a log on an empty database; so many events, a divisor of a thousand, a setting gets."""
    migrate(url)
    with closing(open_store(url)) as opened:
        yield Log(name=name, url=url, opened=opened, each=each)


def _block(begin: int, each: int) -> list[dict[str, Any]]:
    settings = BLOCK // each
    return [
        _row(begin + number, begin // each + number % settings, number // settings + 1)
        for number in range(BLOCK)
    ]


def _row(number: int, setting: int, version: int) -> dict[str, Any]:
    type_ = "smtp_setting.registered" if version == 1 else "smtp_setting.updated"
    row = {
        "stream": f"smtp_setting-{setting_id(setting)}",
        "version": version,
        "id": str(UUID(int=number)),
        "type": type_,
        "schema_version": 1,
        "tenant": setting_id(setting),
        "recorded_at": NOON + timedelta(minutes=number),
        "actor": "user:alice",
        "source_ip": "192.0.2.1",
        "correlation_id": str(UUID(int=number)),
        "causation_id": None,
        "traceparent": None,
        "data": _DATA[type_],
        "salt": new_salt(),
    }
    return row | {"content_hash": content_hash(row)}


def _write(connection: Connection, rows: Sequence[dict[str, Any]], *, last: int) -> None:
    heads = [(row["stream"], row["version"]) for row in rows if row["version"] == last]
    told = ", ".join(_NAMES)
    with closing(connection.connection.cursor()) as cursor:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY events ({told}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([row[name] for name in _NAMES])
            with cursor.copy("COPY streams (stream, version) FROM STDIN") as copy:
                for head in heads:
                    copy.write_row(head)
            return
        marks = ", ".join("?" for _ in _NAMES)
        cursor.executemany(
            f"INSERT INTO events ({told}) VALUES ({marks})",  # noqa: S608 -- names of our columns
            [[_in_sqlite(row[name]) for name in _NAMES] for row in rows],
        )
        cursor.executemany("INSERT INTO streams VALUES (?, ?)", heads)


def _in_sqlite(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if hasattr(value, "tzinfo") else value


_DATA: Final = {
    type_: (_SAMPLES / f"{type_}.v1.json").read_bytes()
    for type_ in ("smtp_setting.registered", "smtp_setting.updated")
}

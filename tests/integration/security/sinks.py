"""Every place that a run wrote or sent bytes to, as (name, content) pairs."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import MetaData, create_engine, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.integration.security.swept_house import House

Place = tuple[str, bytes]
_FOLDERS: Final = ("data", "logs", "tmp", "out", "browser")
_BETWEEN: Final = b"\n\0"


def places(house: House) -> Iterator[Place]:
    """Return all places but the broker's, which `Tap` gathers while it is used."""
    yield from _files(house.folder)
    yield from ((one.name, one.content) for one in house.printed)
    for answer in house.recorder.answers:
        yield f"{answer.name} (head)", answer.head
        yield answer.name, bytes(answer.body)
    yield "exported spans", _BETWEEN.join(house.spans.bodies)
    yield from rows(house.database_url)
    if house.database_url.startswith("postgresql"):
        yield from _disk_of_postgres(house.database_url, house.wal_since)


def rows(url: str) -> Iterator[Place]:
    """Return every value of every table, those that are packed unpacked too."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            values = connection.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608 -- a name of our own
            yield (
                f"rows of {table.name}",
                _BETWEEN.join(_bytes(value) for row in values for value in row),
            )
    engine.dispose()


def _files(folder: Path) -> Iterator[Place]:
    for name in _FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"file {path.relative_to(folder)}", path.read_bytes()


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | memoryview):
        return str(value).encode("utf-8", "surrogatepass")
    raw = bytes(value)
    with suppress(zlib.error):
        return raw + _BETWEEN + zlib.decompress(raw)
    return raw


def _disk_of_postgres(url: str, since: int) -> Iterator[Place]:
    """Return the files of the tables, and the write-ahead log, where this machine has them."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        home = Path(str(connection.execute(text("SHOW data_directory")).scalar_one()))
        names = _relations(connection)
        now = wal_position(connection)
        first = _segment(connection, since)
    engine.dispose()
    with suppress(PermissionError, FileNotFoundError):
        for name in names:
            if (home / name).exists():
                yield f"disk of PostgreSQL {name}", (home / name).read_bytes()
        yield "write-ahead log of PostgreSQL", _log(home / "pg_wal", first, since, now)


def wal_position(connection: Connection) -> int:
    """Return how many bytes of write-ahead log there ever were."""
    asked = text("SELECT pg_current_wal_lsn() - '0/0'")
    return int(connection.execute(asked).scalar_one())


def _segment(connection: Connection, position: int) -> str:
    asked = text("SELECT pg_walfile_name('0/0'::pg_lsn + :position)")
    return str(connection.execute(asked, {"position": position}).scalar_one())


def _log(folder: Path, first: str, since: int, until: int) -> bytes:
    """Return the bytes of the log from one position to another; `first` is the file of `since`."""
    files = sorted(one for one in folder.iterdir() if len(one.name) == len(first))
    size = files[0].stat().st_size
    count = until // size - since // size + 1
    whole = b"".join(one.read_bytes() for one in files if one.name >= first)[: count * size]
    start = since % size
    return whole[start : start + until - since]


def _relations(connection: Connection) -> list[str]:
    asked = text(
        "SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 'i', 't')"
        " AND c.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
        " AND c.oid >= 16384"
    )
    return [str(one) for one in connection.execute(asked).scalars()]

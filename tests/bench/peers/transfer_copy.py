"""Writes the rows of the read model to a file by what the database has for that."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic, process_time
from typing import Final

import psycopg
from sqlalchemy import make_url

from events.store.sql.sqlite.engine import driver

_ROWS: Final = "SELECT document FROM smtp_settings WHERE NOT is_default ORDER BY id"


def copied(url: str, file: Path) -> None:
    """Let PostgreSQL send the rows in its own text form."""
    with (
        psycopg.connect(url) as connection,
        connection.cursor().copy(f"COPY ({_ROWS}) TO STDOUT") as copy,
        file.open("wb") as out,
    ):
        for piece in copy:
            out.write(piece)


def selected(path: str, file: Path) -> None:
    """Read the rows, a line each: SQLite has nothing faster."""
    with closing(driver().connect(path)) as connection, file.open("w", encoding="utf-8") as out:
        out.writelines(f"{document}\n" for (document,) in connection.execute(_ROWS))


def main() -> None:
    """Write once; prints what it took."""
    address, file = make_url(sys.argv[1]), Path(sys.argv[2])
    at, cpu = monotonic(), process_time()
    if address.get_backend_name() == "sqlite":
        selected(str(address.database), file)
    else:
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        copied(plain, file)
    told = {"seconds": monotonic() - at, "client": process_time() - cpu}
    print(json.dumps(told))  # noqa: T201 -- its result


if __name__ == "__main__":
    main()

"""Imports and exports of many settings through a real server: seconds, and memory above rest.

`python -m tests.bench transfer [COUNT [DATABASE_URL [FORMAT …]]]`; 100,000 settings on SQLite in
every format if not told; `-` stands for SQLite.
The formats take turns: the first import makes the settings, the others find them unchanged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from services.config_api.formats.names import NAMES
from services.config_api.formats.registry import FORMATS
from tests.support.transfer import PASSPHRASE, serving, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.transfer import Server, Took

_COUNT: Final = 100_000


def main(words: Sequence[str]) -> None:
    """Measure and print."""
    count = int(words[0]) if words else _COUNT
    database_url = None if words[1:2] in ([], ["-"]) else words[1]
    names = words[2:] or [name for name in NAMES if name in FORMATS]
    with TemporaryDirectory() as folder, serving(Path(folder) / "data", database_url) as server:
        measure(server, Path(folder), count, names)


def measure(server: Server, folder: Path, count: int, names: Sequence[str]) -> None:
    """Import and export in these formats, the first one sealed as well."""
    first, *others = names
    file = folder / first
    write_file(file, first, count)
    _imported(server, file, first, "dry run", "mode=new&dry_run=true")
    _imported(server, file, first, "real", "mode=new", **{"Idempotency-Key": "bench"})
    _imported(server, file, first, "again, by its key", "mode=new", **{"Idempotency-Key": "bench"})
    for name in others:
        write_file(folder / name, name, count)
        _imported(server, folder / name, name, "dry run", "mode=update&dry_run=true")
    _sealed(server, folder, first, count)
    for name in (first, *others):
        took = server.fetch({"format": name}, folder / "out")
        _print(f"export {name}", folder / "out", took)
    sealed = {"format": first, "secrets": "sealed", "passphrase": PASSPHRASE}
    took = server.fetch(sealed, folder / "out")
    _print(f"export {first}, sealed", folder / "out", took)


def _sealed(server: Server, folder: Path, name: str, count: int) -> None:
    file = folder / "sealed"
    write_file(file, name, count, seal=True)
    headers = {"Content-Type": "application/age", "Relaybook-Passphrase": PASSPHRASE}
    query = f"mode=update&dry_run=true&format={name}"
    took = server.send(file, query, folder / "plan", **headers)
    _print(f"import {name}, sealed, dry run", file, took)


def _imported(server: Server, file: Path, name: str, what: str, query: str, **headers: str) -> None:
    plan = file.with_name("plan")
    took = server.send(file, query, plan, **{"Content-Type": FORMATS[name].content_type}, **headers)
    _print(f"import {name}, {what}", file, took)
    counts = json.loads(plan.read_bytes())["counts"]
    _say("    " + ", ".join(f"{count} {action}" for action, count in counts.items() if count))


def _print(what: str, file: Path, took: Took) -> None:
    size = file.stat().st_size / 2**20
    spent = f"{took.seconds:.1f} s ({took.cpu_seconds:.1f} s of processor)"
    _say(f"{what}: {spent}, {took.mib:.0f} MiB above rest; the file has {size:.1f} MiB")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

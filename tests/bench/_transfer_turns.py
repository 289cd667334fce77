"""The turns of one comparison: what the product does with a file, and its peers beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench._cluster import Cluster
from tests.bench._frame import Measured
from tests.bench._transfer_data import content, counts_of, settings_of
from tests.support.transfer import Server, Took, serving

DRY_RUN, IMPORT, EXPORT = "dry run", "import", "export"
MARSHMALLOW, ROWS = "marshmallow alone", "the rows by the database"
_LIMIT_S: Final = 1_800
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Store:
    """A kind of database: gives new ones, and tells what its own processes have spent."""

    name: str
    new: Callable[[], AbstractContextManager[str]]
    cpu_seconds: Callable[[], float]


def on_postgresql(cluster: Cluster) -> Store:
    """Return the store on a cluster of the benchmark's own."""

    @contextmanager
    def new() -> Iterator[str]:
        url = cluster.server.create()
        try:
            yield url
        finally:
            cluster.server.drop(url)

    return Store(name="PostgreSQL", new=new, cpu_seconds=cluster.cpu_seconds)


def on_sqlite() -> Store:
    """Return the store on a file; it has no processes of its own."""

    @contextmanager
    def new() -> Iterator[str]:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/store.db"

    return Store(name="SQLite", new=new, cpu_seconds=lambda: 0.0)


@dataclass(kw_only=True)
class Turns:
    """Transfers of settings in one file or more; a server is started anew for each round.

    Only one file is `compared` with peers, in rounds that begin with a dry run; without that a
    round is the import of one file after the other, and an export of all.
    """

    store: Store
    files: Sequence[Path]
    count: int
    folder: Path
    compared: bool = True
    _content: str = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)
    _url: str = ""
    _server: Server | None = None

    def __post_init__(self) -> None:
        self._content = content(chain.from_iterable(map(settings_of, self.files)))

    def __enter__(self) -> dict[str, Callable[[], Measured]]:
        """Return the turns in their order, by peer."""
        if not self.compared:
            return {IMPORT: self._first_imported, EXPORT: self._exported}
        return {
            MARSHMALLOW: self._validated,
            DRY_RUN: self._planned,
            IMPORT: self._imported,
            EXPORT: self._exported,
            ROWS: self._copied,
        }

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _begin(self) -> Server:
        self._stack.close()
        self._url = self._stack.enter_context(self.store.new())
        data = self._stack.enter_context(TemporaryDirectory(dir=self.folder))
        self._server = self._stack.enter_context(serving(Path(data), self._url))
        return self._server

    def _validated(self) -> Measured:
        told = _run("tests.bench.peers.transfer_marshmallow", *map(str, self.files))
        self._check(MARSHMALLOW, told["count"], told["content"])
        spent = {part: told[part] for part in ("validation", "reading")}
        return Measured(count=self.count, seconds=told["seconds"], cpu_s=spent)

    def _planned(self) -> Measured:
        return self._sent(self._begin(), "mode=new&dry_run=true")

    def _imported(self) -> Measured:
        return self._sent(self._running(), "mode=new")

    def _first_imported(self) -> Measured:
        return self._sent(self._begin(), "mode=new")

    def _sent(self, server: Server, query: str) -> Measured:
        plan = self.folder / "plan"
        before = self.store.cpu_seconds()
        taken: list[Took] = []
        counts: Counter[str] = Counter()
        for file in self.files:
            taken.append(server.send(file, query, plan, **_JSON))
            counts.update(counts_of(plan))
        measured = self._measured(taken, before)
        if counts.pop("create") != self.count or any(counts.values()):
            raise RuntimeError(f"{query} made of {self.count} settings: {counts}")
        return measured

    def _exported(self) -> Measured:
        file = self.folder / "export.json"
        before = self.store.cpu_seconds()
        measured = self._measured([self._running().fetch({"format": "json"}, file)], before)
        self._check(EXPORT, self.count, content(settings_of(file)))
        return measured

    def _copied(self) -> Measured:
        file = self.folder / "rows"
        before = self.store.cpu_seconds()
        told = _run("tests.bench.peers.transfer_copy", self._url, str(file))
        spent = {"client": told["client"], "database": self.store.cpu_seconds() - before}
        self._check(ROWS, self.count, content(settings_of(file)))
        return Measured(count=self.count, seconds=told["seconds"], cpu_s=spent)

    def _running(self) -> Server:
        if self._server is None:
            raise RuntimeError("a round begins with a dry run or the first import")
        return self._server

    def _measured(self, taken: Sequence[Took], before: float) -> Measured:
        rest, above = self._running().rest_mib, max(took.mib for took in taken)
        return Measured(
            count=self.count,
            seconds=sum(took.seconds for took in taken),
            cpu_s={
                "server": sum(took.cpu_seconds for took in taken),
                "database": self.store.cpu_seconds() - before,
            },
            memory_mib={"above rest": above, "rest": rest, "peak": rest + above},
        )

    def _check(self, peer: str, count: int, content_: str) -> None:
        """Raise RuntimeError unless these are the settings of the file."""
        if count != self.count or content_ != self._content:
            raise RuntimeError(f"{peer} has other settings than the file")


def _run(module: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        capture_output=True, text=True, check=False, timeout=_LIMIT_S,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout)
    return told

"""Whatever is changed in the stored log or in a bundle is found offline, with the first position.

A short seed of the ways in the usual run; RELAYBOOK_SWEEP=full tries more than ten thousand.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import delete, insert, select, text, update

from events.sealing.checkpoint import Checkpoint
from events.sealing.note import SigningKey
from events.sealing.tiles import GrowingTiles
from events.sealing.tree import leaf_hash, leaf_of
from events.sealing.verify import Mismatch
from events.store.sql.tables import events, log_checkpoints, log_tiles
from services.config_api.vault.tables import signing_keys
from tests.support.sealed_log import sealed_log
from tests.support.tampering import COLUMNS, Database, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import RowMapping

    from tests.support.sealed_log import Kept

FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
WAYS: Final = {"sqlite": 3_000 if FULL else 48, "postgresql": 1_200 if FULL else 24}
HEADS: Final = (14, 26, 40)


@pytest.fixture
def log(store_url: str, tmp_path: Path) -> Iterator[Kept]:
    """A log of 40 events with holes between their positions and three checkpoints."""
    with sealed_log(store_url, tmp_path) as kept:
        for count in HEADS:
            done = sum(1 for _ in _rows(kept))
            kept.append(count - done, begin=done)
            _leave_a_hole(kept)
            kept.seal()
        yield kept


def _rows(kept: Kept) -> list[RowMapping]:
    with kept.relaybook.read_engine.connect() as connection:
        return list(connection.execute(select(events).order_by(events.c.position)).mappings())


def _leave_a_hole(kept: Kept) -> None:
    if kept.relaybook.engine.dialect.name == "postgresql":
        statement = "SELECT nextval('events_position_seq')"
    else:
        statement = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'events'"
    with kept.relaybook.engine.begin() as connection:
        connection.execute(text(statement))


class Ways:
    """Ways to change a stored log, one after the other, where and how by chance."""

    def __init__(self, database: Database, seed: int) -> None:
        self.chance = random.Random(seed)
        self.database = database
        self.rows = _rows(database.kept)
        self.ways: Iterator[Callable[[], None]] = cycle(
            [self.edit, self.rewrite, self.delete, self.insert, self.swap, self.reorder,
             self.truncate, self.move, self.roll_back, self.sign_anew, self.reseal, self.edit]
        )  # fmt: skip
        self.holes = sorted(
            set(range(1, self.rows[-1]["position"])) - {one["position"] for one in self.rows}
        )

    def draw(self) -> str:
        """Change something and return how it is called."""
        way = next(self.ways)
        way()
        return way.__name__

    def edit(self) -> None:
        """Change a column and leave the content hash as it was, or change that."""
        self._write(self._one(), **self._change())

    def rewrite(self) -> None:
        """Change one or more columns so that the content hash fits again."""
        row = self._one()
        changes = self._change() | self._change()
        changes.pop("content_hash", None)
        self._write(row, **rewritten(row, **(changes or {"actor": "user:nobody"})))

    def delete(self) -> None:
        first = self.chance.randrange(len(self.rows))
        gone = self.rows[first : first + self.chance.choice((1, 1, 3))]
        self._delete(gone)

    def insert(self) -> None:
        """Put another event into a hole, with everything that belongs to it."""
        values = rewritten(self._one(), id="new", stream="test-new", version=1)
        self._insert(values | {"position": self.chance.choice(self.holes)})

    def swap(self) -> None:
        self._exchange(2)

    def reorder(self) -> None:
        self._exchange(3)

    def move(self) -> None:
        """Let an event have happened at another position."""
        row = self._one()
        self._delete([row])
        self._insert(dict(row) | {"position": self.chance.choice(self.holes)})

    def truncate(self) -> None:
        self._delete(self.rows[self.chance.randrange(1, len(self.rows)) :])

    def roll_back(self) -> None:
        """Take the database back to an earlier checkpoint, as a backup would."""
        size = self.chance.choice(HEADS[:-1])
        self._delete(self.rows[size:])
        self.database.do(delete(log_checkpoints).where(log_checkpoints.c.size > size))
        self._keep_tiles(self._tree(self.rows[:size]))

    def sign_anew(self) -> None:
        """Rewrite an event, the tree and all checkpoints, and sign them with a key of one's own."""
        key = SigningKey.from_seed(self._origin(), self.chance.randbytes(32))
        self.rewrite()
        rows = _rows(self.database.kept)
        for size in HEADS:
            root = self._tree(rows[:size]).root()
            note = key.sign(Checkpoint(origin=key.name, size=size, root=root).text)
            values = {"root": root, "note": note}
            self.database.do(
                update(log_checkpoints).where(log_checkpoints.c.size == size).values(values)
            )
        self._keep_tiles(self._tree(rows))
        self.database.do(update(signing_keys).values(verifier=key.verifier.text))

    def reseal(self) -> None:
        """Rewrite an event and the whole tree over it, under the old checkpoints."""
        self.rewrite()
        self._keep_tiles(self._tree(_rows(self.database.kept)))

    def _origin(self) -> str:
        return self.database.kept.vkey.split("+")[0]

    def _tree(self, rows: list[RowMapping]) -> GrowingTiles:
        growing = GrowingTiles(0, lambda *_: b"")
        for row in rows:
            growing.add(leaf_hash(leaf_of(row["position"], row["content_hash"])))
        return growing

    def _keep_tiles(self, tree: GrowingTiles) -> None:
        for tile in tree.changed():
            where = (log_tiles.c.level == tile.level, log_tiles.c.number == tile.number)
            self.database.do(update(log_tiles).where(*where).values(hashes=tile.hashes))

    def _one(self) -> RowMapping:
        return self.chance.choice(self.rows)

    def _change(self) -> dict[str, Any]:
        name = self.chance.choice(list(COLUMNS))
        return {name: COLUMNS[name]}

    def _exchange(self, count: int) -> None:
        chosen = self.chance.sample(self.rows, count)
        places = [row["position"] for row in chosen]
        self._delete(chosen)
        for row, place in zip(chosen, [*places[1:], places[0]], strict=True):
            self._insert(dict(row) | {"position": place})

    def _write(self, row: RowMapping, **values: Any) -> None:
        values.pop("position", None)
        where = events.c.position == row["position"]
        self.database.do(update(events).where(where).values(values))

    def _delete(self, rows: list[RowMapping]) -> None:
        positions = [row["position"] for row in rows]
        self.database.do(delete(events).where(events.c.position.in_(positions)))

    def _insert(self, values: dict[str, Any]) -> None:
        if self.database.is_postgres:
            names = ", ".join(values)
            bound = ", ".join(f":{name}" for name in values)
            statement = f"INSERT INTO events ({names}) OVERRIDING SYSTEM VALUE VALUES ({bound})"  # noqa: S608 -- names of columns
            self.database.do(text(statement).bindparams(**values))
        else:
            self.database.do(insert(events).values(values))


@pytest.mark.timeout(1_800 if FULL else 120)
def test_whatever_is_done_to_the_stored_log_is_found(log: Kept, tmp_path: Path) -> None:
    old = log.bundle(tmp_path / "before") / "checkpoint"
    earlier, vkey = old.read_text(), log.vkey
    database = Database(log)
    ways = Ways(database, seed=random.randrange(2**32) if FULL else 7)
    tried = Counter[str]()
    for number in range(WAYS[log.relaybook.engine.dialect.name]):
        name = ways.draw()
        expected = database.first_difference()
        folder = tmp_path / f"bundle-{number}"
        if expected is not None:
            with pytest.raises(Mismatch) as found:
                log.verify(log.bundle(folder), keys=[vkey], since=earlier)
            told = found.value.position
            if name in {"sign_anew", "reseal"}:  # found by the first checkpoint that covers it
                assert told <= expected[-1], (name, told, expected)
            else:
                assert told in expected, (name, told, expected, found.value.code)
            tried[name] += 1
        database.undo()
    assert len(tried) == 11, tried
    assert log.verify(log.bundle(tmp_path / "after"), since=earlier).size == HEADS[-1]

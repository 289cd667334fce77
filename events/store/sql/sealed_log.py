"""The sealed log's tiles and heads on a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from events.sealing.tiles import MissingTile
from events.store.port import RowExists
from events.store.sealed_log import Refusal, SealedHead, SealedMeanwhile
from events.store.sql.failures import translated
from events.store.sql.tables import log_checkpoints, log_tiles, sealing_refusals

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row

    from events.sealing.tiles import Tile

_HEADS_AT_ONCE = 1_000
_NAME = "sealing"
_NEWEST = select(log_checkpoints).order_by(log_checkpoints.c.size.desc()).limit(1)
_HEADS = (
    select(log_checkpoints)
    .where(log_checkpoints.c.size > bindparam("after"), log_checkpoints.c.size <= bindparam("upto"))
    .order_by(log_checkpoints.c.size)
    .limit(_HEADS_AT_ONCE)
)
_TILE = select(log_tiles.c.hashes).where(
    log_tiles.c.level == bindparam("of_level"), log_tiles.c.number == bindparam("of_number")
)
_TILE_OF = (
    select(log_tiles.c.number, log_tiles.c.position)
    .where(log_tiles.c.position <= bindparam("upto"))
    .order_by(log_tiles.c.position.desc())
    .limit(1)
)


class SqlSealedLog:
    """Keeps `SealedLog`'s promises."""

    def __init__(self, engine: Engine, read_engine: Engine) -> None:
        self._engine = engine
        self._read_engine = read_engine
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        tile = dialect.insert(log_tiles)
        self._put_tile = tile.on_conflict_do_update(
            index_elements=["level", "number"], set_={"hashes": tile.excluded.hashes}
        )
        refusal = dialect.insert(sealing_refusals)
        self._put_refusal = refusal.on_conflict_do_update(
            index_elements=["name"],
            set_={name: refusal.excluded[name] for name in ("position", "reason", "at")},
        )

    def newest(self) -> SealedHead | None:
        found = self._rows(_NEWEST)
        return _head(found[0]) if found else None

    def heads(self, *, upto: int) -> Iterator[SealedHead]:
        after = 0
        while rows := self._rows(_HEADS, after=after, upto=upto):
            yield from map(_head, rows)
            after = rows[-1].size

    def tile(self, level: int, number: int) -> bytes:
        found = self._rows(_TILE, of_level=level, of_number=number)
        if not found:
            raise MissingTile(level, number)
        hashes: bytes = found[0].hashes
        return hashes

    def tile_of(self, position: int) -> tuple[int, int] | None:
        found = self._rows(_TILE_OF, upto=position)
        return (found[0].number, found[0].position) if found else None

    def add(self, head: SealedHead, tiles: Sequence[Tile], begins: dict[int, int]) -> None:
        rows = [
            {
                "level": tile.level,
                "number": tile.number,
                "hashes": tile.hashes,
                "position": begins.get(tile.number) if tile.level == 0 else None,
            }
            for tile in tiles
        ]
        values = {name: getattr(head, name) for name in log_checkpoints.columns.keys()}  # noqa: SIM118 -- iterating would give columns
        try:
            with translated(), self._engine.begin() as connection:
                connection.execute(insert(log_checkpoints), values)
                connection.execute(self._put_tile, rows)
                connection.execute(delete(sealing_refusals))
        except RowExists as error:
            raise SealedMeanwhile(f"the head after {head.previous} leaves is there") from error

    def refusal(self) -> Refusal | None:
        found = self._rows(select(sealing_refusals))
        return (
            Refusal(position=found[0].position, reason=found[0].reason, at=found[0].at)
            if found
            else None
        )

    def refuse(self, refusal: Refusal) -> None:
        values = {
            "name": _NAME,
            "position": refusal.position,
            "reason": refusal.reason,
            "at": refusal.at,
        }
        with translated(), self._engine.begin() as connection:
            connection.execute(self._put_refusal, values)

    def _rows(self, statement: Any, **values: int) -> Sequence[Row[Any]]:  # noqa: ANN401 -- any select
        with translated(), self._read_engine.connect() as connection:
            return connection.execute(statement, values).all()


def _head(row: Row[Any]) -> SealedHead:
    return SealedHead(**row._asdict())

"""What is kept of the sealed log beside the events: its tiles and its signed checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from events.sealing.tiles import Tile
from events.store.port import StoreError


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedHead:
    """A signed head: `size` leaves up to `position`, `previous` is the size of the one before.

    `note` is the checkpoint as it was signed, `root` (32 bytes) what it says.
    """

    size: int
    previous: int
    position: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why nothing is sealed at present: a word for the reason, and the first position it means."""

    position: int
    reason: str
    at: datetime


class SealedMeanwhile(StoreError):
    """Another process has signed a head after the same one; nothing was kept."""


class SealedLog(Protocol):
    """Keeps tiles and heads; every method may raise StoreUnavailable."""

    def newest(self) -> SealedHead | None:
        """Return the head that was signed last."""
        ...

    def heads(self, *, upto: int) -> Iterator[SealedHead]:
        """Yield the heads up to a size, the smallest first."""
        ...

    def tile(self, level: int, number: int) -> bytes:
        """Return the hashes of a tile, as many as there are; raises MissingTile."""
        ...

    def tile_of(self, position: int) -> tuple[int, int] | None:
        """Return number and first position of the tile whose leaves reach up to a position."""
        ...

    def add(self, head: SealedHead, tiles: Sequence[Tile], begins: dict[int, int]) -> None:
        """Keep a head with the tiles that changed; `begins` are the first positions of new ones.

        What refused to seal is over by that. Raises SealedMeanwhile.
        """
        ...

    def refusal(self) -> Refusal | None:
        """Return why nothing is sealed at present."""
        ...

    def refuse(self, refusal: Refusal) -> None:
        """Let everybody know why nothing is sealed."""
        ...

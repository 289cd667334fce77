"""Tiles of 256 hashes (C2SP tlog-tiles): the tree in pieces that only grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from events.sealing.tree import EMPTY_ROOT, HASH_BYTES, Subtree, fold

WIDTH: Final = 256
_HEIGHT: Final = 8
_DIGITS: Final = 1_000
_CACHED: Final = 64

#: Answers the hashes of a tile, one after the other; raises MissingTile.
TileReader = Callable[[int, int], bytes]


class MissingTile(LookupError):
    """A tile that the tree's size calls for is not there, or is too short."""

    def __init__(self, level: int, number: int) -> None:
        super().__init__(f"tile {level}/{number} is missing or too short")
        self.level = level
        self.number = number


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """Up to 256 hashes: at level 0 those of leaves, above those of whole tiles one level below."""

    level: int
    number: int
    hashes: bytes


def tile_path(level: int | str, number: int, width: int) -> str:
    """Return where a tile stands, such as `tile/0/x001/234` or `tile/0/001.p/7`.

    `level` is `entries` for the bundles of leaves.
    """
    parts = [f"{number % _DIGITS:03}"]
    while number >= _DIGITS:
        number //= _DIGITS
        parts.insert(0, f"x{number % _DIGITS:03}")
    part = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{part}"


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of every tile of a tree, level by level."""
    level = 0
    while size > 0:
        for number in range((size + WIDTH - 1) // WIDTH):
            yield level, number, min(WIDTH, size - number * WIDTH)
        size //= WIDTH
        level += 1


def split_hashes(hashes: bytes) -> list[bytes]:
    """Return the single hashes of a tile."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def subtree_of(read: TileReader) -> Subtree:
    """Return what answers the hashes of complete subtrees from the tiles that `read` gives.

    It raises what `read` raises, and MissingTile for a tile that is too short.
    """
    kept = lru_cache(maxsize=_CACHED)(read)

    def subtree(height: int, index: int) -> bytes:
        level, within = divmod(height, _HEIGHT)
        number, first = divmod(index << within, WIDTH)
        hashes = split_hashes(kept(level, number))[first : first + (1 << within)]
        if len(hashes) < 1 << within:
            raise MissingTile(level, number)
        return fold(hashes)

    return subtree


class GrowingTiles:
    """The right edge of a tree: the last tile of each level, and those that changed meanwhile."""

    def __init__(self, size: int, read: TileReader) -> None:
        """Take up a tree at a size; raises MissingTile and what `read` raises."""
        self.size = size
        self._edge: list[list[bytes]] = []
        self._whole: list[Tile] = []
        self._numbers: list[int] = []
        while size > 0:
            number, width = divmod(size, WIDTH)
            level = len(self._edge)
            hashes = split_hashes(read(level, number))[:width] if width else []
            if len(hashes) < width:
                raise MissingTile(level, number)
            self._edge.append(hashes)
            self._numbers.append(number)
            size = number

    def add(self, leaf: bytes) -> None:
        """Add the hash of one more leaf."""
        self.size += 1
        self._put(0, leaf)

    def changed(self) -> list[Tile]:
        """Return the tiles to be kept: those that became whole, and the last ones as they are."""
        partial = [
            Tile(level=level, number=self._numbers[level], hashes=b"".join(hashes))
            for level, hashes in enumerate(self._edge)
            if hashes
        ]
        return [*self._whole, *partial]

    def kept(self) -> None:
        """Forget the tiles that became whole: they are kept elsewhere now."""
        self._whole.clear()

    def root(self) -> bytes:
        """Return the root of the tree."""
        found: bytes | None = None
        for hashes in self._edge:
            row = hashes if found is None else [*hashes, found]
            found = fold(row) if row else None
        return EMPTY_ROOT if found is None else found

    def _put(self, level: int, digest: bytes) -> None:
        if level == len(self._edge):
            self._edge.append([])
            self._numbers.append(0)
        self._edge[level].append(digest)
        if len(self._edge[level]) == WIDTH:
            hashes = self._edge[level]
            self._whole.append(
                Tile(level=level, number=self._numbers[level], hashes=b"".join(hashes))
            )
            self._edge[level] = []
            self._numbers[level] += 1
            self._put(level + 1, fold(hashes))

"""The Merkle tree of RFC 6962 (section 2.1) over leaves that name a position and a content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

HASH_BYTES: Final = 32
POSITION_BYTES: Final = 8
LEAF_BYTES: Final = POSITION_BYTES + HASH_BYTES
EMPTY_ROOT: Final = hashlib.sha256().digest()

#: Answers the hash of the complete subtree of height h over leaves [i·2^h, (i+1)·2^h) for (h, i).
Subtree = Callable[[int, int], bytes]


def leaf_of(position: int, content_hash: bytes) -> bytes:
    """Return the leaf of an event (40 bytes): position (8 bytes, big-endian) ‖ content hash."""
    return position.to_bytes(POSITION_BYTES, "big") + content_hash


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1: domain 0x00)."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (domain 0x01)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over at least one subtree of one size, the last of which may be smaller."""
    row = list(hashes)
    while len(row) > 1:
        pairs = [node_hash(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        row = pairs if len(row) % 2 == 0 else [*pairs, row[-1]]
    return row[0]


def split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def range_hash(subtree: Subtree, begin: int, end: int) -> bytes:
    """Return MTH(D[begin:end]), a range that RFC 6962 cuts a tree into; of none the empty root."""
    size = end - begin
    if size == 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return subtree(height, begin >> height)
    middle = begin + split(size)
    return node_hash(range_hash(subtree, begin, middle), range_hash(subtree, middle, end))

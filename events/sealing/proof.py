"""Proofs of inclusion and consistency (RFC 6962 section 2.1, RFC 9162 section 2.1.3 and 2.1.4)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from events.sealing.tree import Subtree, range_hash, split

_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """Return the hashes from the leaf's sibling up to the root's child.

    Raises ValueError for a leaf beyond the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(range_hash(subtree, middle, end))
            end = middle
        else:
            path.append(range_hash(subtree, begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(subtree: Subtree, old: int, new: int) -> list[bytes]:
    """Return the hashes that lead from a tree to a later one; none for equal or empty trees.

    Raises ValueError for trees in the wrong order.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} is not later than one of {old}")
    path: list[bytes] = []
    begin, end = 0, new
    if old == 0:
        return path
    while end != old:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(range_hash(subtree, middle, end))
            end = middle
        else:
            path.append(range_hash(subtree, begin, middle))
            begin = middle
    if begin > 0:
        path.append(range_hash(subtree, begin, end))
    return path[::-1]


def proof_text(index: int, path: Sequence[bytes], note: str, *, extra: bytes) -> str:
    """Return a proof as C2SP tlog-proof has it: extra data, index, hashes, and the checkpoint."""
    head = [_FIRST_LINE, f"extra {_base64(extra)}", f"index {index}"]
    return "\n".join([*head, *map(_base64, path), "", note])


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")

"""The tree and its proofs, against published vectors and two verifiers that others wrote."""

from __future__ import annotations

import hashlib

import pytest
from pymerkle import InmemoryTree
from tlog_scales.tlog import ConsistencyProof, InclusionProof, InclusionProofInvalid

from events.sealing.proof import consistency_proof, inclusion_proof, proof_text
from events.sealing.tiles import (
    WIDTH,
    GrowingTiles,
    MissingTile,
    subtree_of,
    tile_path,
    widths,
)
from events.sealing.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    fold,
    leaf_hash,
    leaf_of,
    node_hash,
    range_hash,
)

#: Leaves and roots of the Certificate Transparency project's own tests (merkle_tree_test.cc).
LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 700)


class Shelf:
    """Tiles as a database keeps them."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}

    def read(self, level: int, number: int) -> bytes:
        try:
            return self.tiles[level, number]
        except KeyError:
            raise MissingTile(level, number) from None

    def keep(self, growing: GrowingTiles) -> None:
        for tile in growing.changed():
            self.tiles[tile.level, tile.number] = tile.hashes
        growing.kept()


def grown(size: int, *, step: int = 97) -> tuple[Shelf, GrowingTiles]:
    """Return a tree that was taken up anew every few leaves, as after so many restarts."""
    shelf = Shelf()
    growing = GrowingTiles(0, shelf.read)
    for number in range(size):
        growing.add(leaf_hash(b"%d" % number))
        if number % step == 0:
            shelf.keep(growing)
            growing = GrowingTiles(number + 1, shelf.read)
    shelf.keep(growing)
    return shelf, growing


def test_roots_are_the_published_ones() -> None:
    growing = GrowingTiles(0, Shelf().read)
    assert growing.root() == EMPTY_ROOT == hashlib.sha256().digest()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        growing.add(leaf_hash(leaf))
        assert growing.root().hex() == root


def test_a_leaf_is_position_and_content_hash() -> None:
    assert leaf_of(258, b"h" * 32) == b"\0\0\0\0\0\0\1\2" + b"h" * 32


def test_another_library_makes_the_same_roots_and_the_tiles_give_them_again() -> None:
    oracle = InmemoryTree(algorithm="sha256")
    shelf, growing = grown(700)
    assert growing.size == 700
    subtree = subtree_of(shelf.read)
    for size in range(1, 701):
        oracle.append_entry(b"%d" % (size - 1))
        if size % 50 == 0 or size in SIZES:
            assert range_hash(subtree, 0, size) == oracle.get_root(size)
    assert growing.root() == oracle.get_root(700)


@pytest.mark.parametrize("size", SIZES)
def test_a_foreign_verifier_takes_proofs_of_inclusion(size: int) -> None:
    shelf, growing = grown(size)
    subtree = subtree_of(shelf.read)
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        path = inclusion_proof(subtree, index, size)
        proof = InclusionProof(index, size, path)
        proof.check(leaf_hash(b"%d" % index), growing.root())
        with pytest.raises(InclusionProofInvalid):
            proof.check(leaf_hash(b"another"), growing.root())


@pytest.mark.parametrize("new", SIZES)
def test_a_foreign_verifier_takes_proofs_of_consistency(new: int) -> None:
    shelf, growing = grown(new)
    subtree = subtree_of(shelf.read)
    for old in {0, 1, 2, new // 3, new // 2, new - 1, new, *SIZES} & set(range(new + 1)):
        path = consistency_proof(subtree, old, new)
        ConsistencyProof(old, new, path).check(range_hash(subtree, 0, old), growing.root())


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_leaf_beyond_the_tree_is_proven(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(subtree_of(Shelf().read), index, size)


def test_no_earlier_tree_follows_a_later_one() -> None:
    with pytest.raises(ValueError, match="not later"):
        consistency_proof(subtree_of(Shelf().read), 3, 2)


def test_tiles_lie_where_the_specification_puts_them() -> None:
    assert tile_path(0, 1_234_067, WIDTH) == "tile/0/x001/x234/067"
    assert tile_path("entries", 5, 17) == "tile/entries/005.p/17"
    # the specification's own example: a tree of 70,000
    found = [(level, width) for level, number, width in widths(70_000) if number != 0]
    assert found.count((0, WIDTH)) == 272
    assert {one for one in found if one != (0, WIDTH)} == {(0, 112), (1, 17)}
    assert list(widths(256)) == [(0, 0, 256), (1, 0, 1)]
    assert (2, 0, 1) in list(widths(70_000))


def test_a_missing_or_short_tile_is_told() -> None:
    shelf, _ = grown(600)
    del shelf.tiles[0, 1]
    with pytest.raises(MissingTile) as missing:
        subtree_of(shelf.read)(0, 300)
    assert (missing.value.level, missing.value.number) == (0, 1)
    shelf.tiles[0, 2] = shelf.tiles[0, 2][:-HASH_BYTES]
    with pytest.raises(MissingTile):
        GrowingTiles(600, shelf.read)
    with pytest.raises(MissingTile):
        subtree_of(shelf.read)(0, 599)


def test_a_proof_of_ten_million_events_is_smaller_than_2_kilobytes() -> None:
    size = 10_000_000

    def subtree(height: int, index: int) -> bytes:
        """Return the hash of a subtree whose leaves are all the same: the numbers do not matter."""
        assert (index + 1) << height <= size
        return levels[height]

    levels = [leaf_hash(b"")]
    while len(levels) < 25:
        levels.append(node_hash(levels[-1], levels[-1]))
    note = f"relaybook/{'0' * 16}\n{size}\n{'a' * 44}\n\n— relaybook/{'0' * 16} {'a' * 92}\n"
    longest = 0
    for index in (0, 1, 4_999_999, 8_388_607, 8_388_608, 9_999_999):
        path = inclusion_proof(subtree, index, size)
        InclusionProof(index, size, path).check(levels[0], range_hash(subtree, 0, size))
        longest = max(longest, len(proof_text(index, path, note, extra=bytes(24)).encode()))
    assert 1_000 < longest < 2_000


def test_one_hash_is_its_own_root() -> None:
    assert fold([b"x"]) == b"x"

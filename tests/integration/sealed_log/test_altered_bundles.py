"""Whatever is changed in a bundle's files is found offline, with the first position.

A short seed of the ways in the usual run; RELAYBOOK_SWEEP=full tries some thousand.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from base64 import b64encode
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import pytest

from events.sealing.note import SigningKey
from events.sealing.tree import LEAF_BYTES
from events.sealing.verify import Mismatch, verify
from tests.support.sealed_log import sealed_log
from tests.support.tampering import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
WAYS: Final = 8_000 if FULL else 160
SIZE: Final = 270
ENTRY: Final = LEAF_BYTES + 2
HASH: Final = 32


@pytest.fixture
def bundles(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:
    """An earlier bundle of a log, a later one, and the key that an auditor got another way."""
    with sealed_log(sqlite_url, tmp_path) as kept:
        kept.append(100)
        kept.seal()
        old = kept.bundle(tmp_path / "old")
        kept.append(SIZE - 100, begin=100)
        kept.seal()
        yield old, kept.bundle(tmp_path / "new"), kept.vkey


class Ways:
    """Ways to change a bundle, one after the other; each answers the position to be told."""

    def __init__(self, folder: Path, old: Path, seed: int) -> None:
        self.folder, self.old = folder, old
        self.chance = random.Random(seed)
        self.ways: Iterator[Callable[[], int]] = cycle(
            [self.edit, self.drop, self.double, self.exchange, self.insert, self.cut_events,
             self.flip_event, self.flip_leaf, self.swap_leaves, self.drop_leaf, self.flip_tile,
             self.lose_file, self.flip_note, self.sign_anew, self.roll_back, self.forget_head]
        )  # fmt: skip

    def draw(self) -> tuple[str, int]:
        """Change something and return how it is called, and the first position it is about."""
        way = next(self.ways)
        return way.__name__, way()

    def events_of(self, position: int) -> tuple[Path, int, list[bytes]]:
        """Return the file of an event, its line there, and all lines."""
        number, line = divmod(position - 1, 256)
        path = self.folder / f"events/000000/{number:03}.jsonl"
        return path, line, path.read_bytes().splitlines(keepends=True)

    def change_lines(self, change: Callable[[list[bytes], int], None]) -> int:
        position = self.chance.randrange(1, SIZE)
        path, at, lines = self.events_of(position)
        at = min(at, len(lines) - 2)
        change(lines, at)
        path.write_bytes(b"".join(lines))
        return (position - 1) // 256 * 256 + at + 1

    def edit(self) -> int:
        name = self.chance.choice(["position", *COLUMNS])

        def change(lines: list[bytes], at: int) -> None:
            event = json.loads(lines[at])
            event[name] = {"position": 9_999, "salt": "A" * 24, "content_hash": "0" * 64}.get(
                name, "changed"
            )
            lines[at] = json.dumps(event).encode() + b"\n"

        return self.change_lines(change)

    def drop(self) -> int:
        return self.change_lines(lambda lines, at: lines.__delitem__(at))

    def double(self) -> int:
        return self.change_lines(lambda lines, at: lines.insert(at, lines[at])) + 1

    def exchange(self) -> int:
        def change(lines: list[bytes], at: int) -> None:
            lines[at], lines[at + 1] = lines[at + 1], lines[at]

        return self.change_lines(change)

    def insert(self) -> int:
        """Put an event before another one, at a position that nobody sealed."""

        def change(lines: list[bytes], at: int) -> None:
            event = json.loads(lines[at]) | {"position": 0.5 + json.loads(lines[at])["position"]}
            lines.insert(at + 1, json.dumps(event).encode() + b"\n")

        return self.change_lines(change) + 1

    def cut_events(self) -> int:
        position = self.chance.randrange(1, SIZE)
        path, at, lines = self.events_of(position)
        path.write_bytes(b"".join(lines[:at]) + lines[at][: self.chance.randrange(1, 80)])
        return position

    def flip_event(self) -> int:
        """Turn one bit of an event's line."""
        position = self.chance.randrange(1, SIZE + 1)
        path, at, lines = self.events_of(position)
        lines[at] = self.flipped(lines[at])
        path.write_bytes(b"".join(lines))
        return position

    def flipped(self, data: bytes) -> bytes:
        at = self.chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self.chance.randrange(8)]) + data[at + 1 :]

    def change_entries(self, change: Callable[[list[bytes]], int]) -> int:
        number = self.chance.randrange(2)
        path = self.folder / ("tile/entries/000" if number == 0 else "tile/entries/001.p/14")
        data = path.read_bytes()
        entries = [data[at : at + ENTRY] for at in range(0, len(data), ENTRY)]
        position = number * 256 + change(entries) + 1
        path.write_bytes(b"".join(entries))
        return position

    def flip_leaf(self) -> int:
        def change(entries: list[bytes]) -> int:
            at = self.chance.randrange(len(entries))
            entries[at] = self.flipped(entries[at])
            return at

        return self.change_entries(change)

    def swap_leaves(self) -> int:
        def change(entries: list[bytes]) -> int:
            first, second = sorted(self.chance.sample(range(len(entries)), 2))
            entries[first], entries[second] = entries[second], entries[first]
            return first

        return self.change_entries(change)

    def drop_leaf(self) -> int:
        """Take a leaf out: its file has another length then, so nothing in it can be read."""

        def change(entries: list[bytes]) -> int:
            entries.pop()
            return 0

        return self.change_entries(change)

    def flip_tile(self) -> int:
        path = self.folder / self.chance.choice(("tile/0/000", "tile/0/001.p/14", "tile/1/000.p/1"))
        data = bytearray(path.read_bytes())
        at = self.chance.randrange(len(data))
        data[at] ^= 1 << self.chance.randrange(8)
        path.write_bytes(data)
        if path.parent.parent.name == "1":
            return 256  # whose leaf completes the tile below
        return at // HASH + 1 + (256 if path.name == "14" else 0)

    def lose_file(self) -> int:
        lost = {
            "tile/0/000": 1, "tile/0/001.p/14": 257, "tile/entries/000": 1,
            "tile/entries/001.p/14": 257, "tile/1/000.p/1": 256, "keys.json": 1, "checkpoint": 1,
            "checkpoints.jsonl": 1, "manifest": 1, "events/000000/000.jsonl": 1,
            "events/000000/001.jsonl": 257,
        }  # fmt: skip
        name = self.chance.choice(list(lost))
        (self.folder / name).unlink()
        return lost[name] if name != "tile/1/000.p/1" else 256

    def flip_note(self) -> int:
        path = self.folder / self.chance.choice(("checkpoint", "manifest"))
        path.write_bytes(self.flipped(path.read_bytes()))
        return 1

    def sign_anew(self) -> int:
        """Sign everything with another key, and put its public part in the place of the log's."""
        origin = (self.folder / "checkpoint").read_text().split("\n")[0]
        key = SigningKey.from_seed(origin, self.chance.randbytes(32))
        for name in ("checkpoint", "manifest"):
            path = self.folder / name
            path.write_text(key.sign(path.read_text().split("\n\n")[0] + "\n"))
        keys = [{"vkey": key.verifier.text, "handover": ""}]
        (self.folder / "keys.json").write_text(json.dumps(keys))
        return 1

    def roll_back(self) -> int:
        """Hand out the older bundle, which is whole in itself."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.old, self.folder)
        return 101

    def forget_head(self) -> int:
        """Leave out an earlier checkpoint."""
        path = self.folder / "checkpoints.jsonl"
        path.write_text(path.read_text().splitlines(keepends=True)[1])
        return SIZE + 1


@pytest.mark.timeout(1_800 if FULL else 120)
def test_whatever_is_done_to_a_bundle_is_found(
    bundles: tuple[Path, Path, str], tmp_path: Path
) -> None:
    old, new, vkey = bundles
    earlier = (new / "checkpoint").read_text()
    folder = tmp_path / "altered"
    ways = Ways(folder, old, seed=random.randrange(2**32) if FULL else 11)
    tried = Counter[str]()
    for _ in range(WAYS):
        shutil.copytree(new, folder)
        name, expected = ways.draw()
        with pytest.raises(Mismatch) as found:
            verify(folder, keys=[vkey], since=earlier)
        assert found.value.position == expected, (name, found.value.position, expected, found.value)
        tried[name] += 1
        shutil.rmtree(folder)
    assert len(tried) == 16
    assert verify(new, keys=[vkey], since=earlier).size == SIZE


def handed_over(folder: Path, by: SigningKey, to: SigningKey) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads((folder / "keys.json").read_text())
    text = f"relaybook.log-key/v1\n{to.name}\n{to.verifier.text}\n"
    return [*keys, {"vkey": to.verifier.text, "handover": by.sign(text)}]


def test_a_key_that_nobody_handed_over_to_signs_nothing(bundles: tuple[Path, Path, str]) -> None:
    _, folder, vkey = bundles
    origin = vkey.split("+")[0]
    thief, accomplice = (SigningKey.from_seed(origin, bytes([n]) * 32) for n in (1, 2))
    for name in ("checkpoint", "manifest"):
        path = folder / name
        path.write_text(accomplice.sign(path.read_text().split("\n\n")[0] + "\n"))
    (folder / "keys.json").write_text(json.dumps(handed_over(folder, thief, accomplice)))
    with pytest.raises(Mismatch) as found:
        verify(folder, keys=[vkey])
    assert found.value.code == "signature"


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "name+zz+!!"])
def test_what_is_no_key_verifies_nothing(bundles: tuple[Path, Path, str], text: str) -> None:
    with pytest.raises(Mismatch) as found:
        verify(bundles[1], keys=[text])
    assert found.value.code == "unreadable"


def test_base64_has_one_spelling(bundles: tuple[Path, Path, str]) -> None:
    _, folder, vkey = bundles
    path = folder / "events/000000/000.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    salt = json.loads(lines[4])["salt"]
    assert salt.endswith("==")
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        other = salt[:-3] + last + "=="
        if other == salt:
            continue
        path.write_text("".join([*lines[:4], lines[4].replace(salt, other), *lines[5:]]))
        with pytest.raises(Mismatch) as found:
            verify(folder, keys=[vkey])
        assert found.value.position == 5


def test_a_checkpoint_of_another_log_is_none_of_this_one(
    bundles: tuple[Path, Path, str], tmp_path: Path
) -> None:
    _, folder, vkey = bundles
    stranger = SigningKey.from_seed("relaybook/other", bytes(32))
    root = b64encode(bytes(32)).decode()
    note = stranger.sign(f"relaybook/other\n100\n{root}\n")
    with pytest.raises(Mismatch) as found:
        verify(folder, keys=[vkey, stranger.verifier.text], since=note)
    assert found.value.code == "origin"


def test_an_event_behind_the_last_leaf_was_never_sealed(bundles: tuple[Path, Path, str]) -> None:
    _, folder, vkey = bundles
    path = folder / "events/000000/001.jsonl"
    event = json.loads(path.read_text().splitlines()[-1]) | {"position": 5_000}
    with path.open("a") as file:
        file.write(json.dumps(event) + "\n")
    with pytest.raises(Mismatch) as found:
        verify(folder, keys=[vkey])
    assert (found.value.position, found.value.code) == (5_000, "unsealed")

"""Verifies a bundle of the sealed log: no database, no network, no other file of Relaybook.

Needs Python 3.11 and `cryptography`: `python verify.py [DIR] [--key VKEY]… [--since OLD]`. Exit
code 0 where everything fits, otherwise 1 with the first position that does not. A bundle is a
C2SP tlog-tiles log whose leaves are position (8 bytes) ‖ content hash (32 bytes), with events.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH, LEAF, HASH = 256, 40, 32
HASHED = (
    "actor", "causation_id", "correlation_id", "id", "recorded_at", "schema_version", "source_ip",
    "stream", "tenant", "traceparent", "type", "version",
)  # fmt: skip
MALFORMED = (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError)
REASONS = {
    "unreadable": "The bundle cannot be read here: {detail}",
    "signature": "No trusted key signed this: {what}",
    "origin": "A checkpoint belongs to another log.",
    "order": "The positions do not increase.",
    "leaf": "This is not what was sealed here.",
    "content": "The event is not the one that was recorded.",
    "missing_event": "The event is missing.",
    "unsealed": "The event was never sealed.",
    "gap": "An earlier version of the event's stream is missing.",
    "root": "From here on the log is not the one whose checkpoint has {size} leaves.",
    "rolled_back": "The log ends before an earlier checkpoint, which has {size} leaves.",
    "begins_later": "The bundle begins behind an earlier checkpoint, which has {size} leaves.",
    "manifest": "The bundle does not hold what its manifest says.",
}


class Mismatch(Exception):
    """Something does not fit, and `position` is the first that it is about."""

    def __init__(self, position: int, code: str, **facts: object) -> None:
        super().__init__(REASONS[code].format(**facts))
        self.position, self.code, self.facts = position, code, facts


@dataclass(frozen=True, kw_only=True)
class Report:
    """What fits: leaves, events, checkpoints, the newest root (hex), and the keys that signed.

    `first` is the first leaf whose content was looked at, `tenants` whose events are shown (None:
    all), `pinned` whether the first key was given and not taken from the bundle.
    """

    origin: str
    size: int
    first: int
    events: int
    checkpoints: int
    last_position: int
    root: str
    tenants: list[str] | None
    keys: list[str]
    pinned: bool


def sha(data: bytes) -> bytes:
    """Return SHA-256."""
    return hashlib.sha256(data).digest()


def unbase64(text: str) -> bytes:
    """Return what base64 says; raises ValueError for what is not its only spelling."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("base64 with bits left over")
    return data


def fold(row: Sequence[bytes]) -> bytes:
    """Return the root over subtrees, the last of which may be smaller (RFC 6962 section 2.1)."""
    while len(row) > 1:
        pairs = [sha(b"\1" + row[at] + row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = pairs + list(row[len(pairs) * 2 :])
    return row[0]


class Keys:
    """The keys that are trusted, and those to which a trusted one handed the log over."""

    def __init__(self, pinned: Sequence[str], told: Sequence[dict[str, str]]) -> None:
        self.known: dict[tuple[str, bytes], Ed25519PublicKey] = {}
        self.texts: list[str] = []
        for text in pinned or [told[0]["vkey"]]:
            self.trust(text.strip())
        for one in told:  # in the order of their use
            lines = ((one["handover"] and self.text_of(one["handover"])) or "").split("\n")
            if lines[::2] == ["relaybook.log-key/v1", one["vkey"]]:
                self.trust(one["vkey"])

    def trust(self, text: str) -> None:
        """Trust a key NAME+ID+BASE64 (C2SP signed-note); raises ValueError."""
        name, key_id, encoded = text.split("+", 2)
        packed = unbase64(encoded)
        if packed[:1] != b"\1" or sha(name.encode() + b"\n" + packed)[:4].hex() != key_id:
            raise ValueError("a verifier key that does not fit its ID")
        public = Ed25519PublicKey.from_public_bytes(packed[1:])
        self.known[name, bytes.fromhex(key_id)] = public
        if text not in self.texts:
            self.texts.append(text)

    def text_of(self, note: str) -> str | None:
        """Return the text of a note that a trusted key signed, None where none did."""
        text, _, block = note.rpartition("\n\n")
        signed = False
        for line in block.split("\n")[:-1]:
            dash, name, encoded = line.split(" ")
            packed = unbase64(encoded)
            key = self.known.get((name, packed[:4])) if dash == "\u2014" else None
            if key is None:
                continue
            try:
                key.verify(packed[4:], text.encode() + b"\n")
            except InvalidSignature:
                return None
            signed = True
        return text if signed and note.endswith("\n") else None


def content_hash(event: dict[str, Any]) -> bytes:
    """Return what an event commits to: SHA-256 over salt, length of its fields, fields and data."""
    header = json.dumps(
        {name: event[name] for name in HASHED},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    ).encode("utf-8", "surrogateescape")
    salt = unbase64(event["salt"])
    data = event["data"].encode("utf-8", "surrogateescape")
    return sha(salt + len(header).to_bytes(8, "big") + header + data)


class Log:
    """The files of a bundle, tile by tile."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.cached: dict[int | str, tuple[int, bytes]] = {}

    def tile(self, level: int | str, number: int, unit: int) -> bytes:
        """Return the bytes of a tile, of `unit` bytes an entry; raises ValueError, OSError."""
        if self.cached.get(level, (-1, b""))[0] != number:
            entries = self.size if level == "entries" else self.size // WIDTH ** int(level)
            width = min(WIDTH, entries - number * WIDTH)
            parts = [f"{number % 1000:03}"]
            while (number := number // 1000) > 0:
                parts.insert(0, f"x{number % 1000:03}")
            name = "/".join(parts) + ("" if width == WIDTH else f".p/{width}")
            data = (self.folder / "tile" / str(level) / name).read_bytes()
            if len(data) != width * unit:
                raise ValueError(f"tile/{level}/{name} has another length")
            self.cached[level] = (int("".join(parts).replace("x", "")), data)
        return self.cached[level][1]

    def stored(self, level: int, index: int) -> bytes:
        """Return one hash of the tree."""
        at = index % WIDTH * HASH
        return self.tile(level, index // WIDTH, HASH)[at : at + HASH]

    def leaf(self, index: int) -> bytes:
        """Return one leaf."""
        at = index % WIDTH * (LEAF + 2)
        entry = self.tile("entries", index // WIDTH, LEAF + 2)[at : at + LEAF + 2]
        if entry[:2] != LEAF.to_bytes(2, "big"):
            raise ValueError(f"entry {index} has another length")
        return entry[2:]


class Tree:
    """The tree as it grows leaf by leaf."""

    def __init__(self, log: Log, first: int) -> None:
        self.log = log
        self.levels: list[list[bytes]] = [[]]
        self.counts = [first]
        for number in range(first // WIDTH):  # what lies before is known by its tiles' roots
            self.push(1, log.stored(1, number))

    def push(self, level: int, digest: bytes) -> bool:
        """Add a hash; return whether it is the one in the bundle's tiles, and so all above it."""
        if level == len(self.levels):
            self.levels.append([])
            self.counts.append(0)
        self.levels[level].append(digest)
        fits = self.log.stored(level, self.counts[level]) == digest
        self.counts[level] += 1
        if len(self.levels[level]) == WIDTH:
            whole, self.levels[level] = fold(self.levels[level]), []
            fits = self.push(level + 1, whole) and fits
        return fits

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        found: list[bytes] = []
        for row in self.levels:
            found = [fold([*row, *found])] if row or found else []
        return found[0] if found else sha(b"")


class Walk:
    """Goes through the log in its order."""

    def __init__(self, folder: Path, keys: Keys, earlier: str | None) -> None:
        self.folder, self.keys = folder, keys
        self.position = 0  # of the last leaf that fitted
        self.place = 1  # where something may be that cannot be read
        self.unsure = 1  # the first that no checkpoint vouches for yet
        self.gaps: list[int] = []
        self.origin, self.size, self.root = newest = self.checkpoint(self.text("checkpoint"))
        self.manifest = json.loads(self.signed(self.text("manifest"), "manifest").split("\n")[1])
        self.first = self.manifest["first"]
        notes = [json.loads(line)["note"] for line in self.text("checkpoints.jsonl").splitlines()]
        heads = [self.checkpoint(note) for note in notes + [earlier] * (earlier is not None)]
        self.marks = sorted({head[1:] for head in [newest, *heads]}, reverse=True)
        if any(head[0] != self.origin for head in heads):
            raise Mismatch(1, "origin")
        if earlier is not None and heads[-1][1] < self.first:
            raise Mismatch(1, "begins_later", size=heads[-1][1])
        self.log, self.digest, self.events = Log(folder, self.size), hashlib.sha256(), 0
        self.versions: dict[str, int] = {}
        self.lines = self.read_events()

    def text(self, name: str) -> str:
        """Return a file's text."""
        return (self.folder / name).read_text(encoding="utf-8")

    def signed(self, note: str, what: str) -> str:
        """Return the text of a note that a trusted key signed."""
        text = self.keys.text_of(note)
        if text is None:
            raise Mismatch(self.unsure, "signature", what=what)
        return text

    def checkpoint(self, note: str) -> tuple[str, int, bytes]:
        """Return origin, size and root of a checkpoint (C2SP tlog-checkpoint)."""
        origin, size, root = self.signed(note, note.split("\n\n", maxsplit=1)[0]).split("\n")
        return origin, int(size), unbase64(root)

    def read_events(self) -> Iterator[dict[str, Any]]:
        """Yield the events in the order of their files."""
        for path in sorted((self.folder / "events").rglob("*.jsonl")):
            with path.open("rb") as lines:
                for line in lines:
                    self.digest.update(line)
                    self.events += 1
                    self.place = self.position + 1
                    yield json.loads(line)

    def run(self) -> None:
        """Verify everything; raises Mismatch and, for what cannot be read, one of MALFORMED."""
        tree = Tree(self.log, self.first)
        event = next(self.lines, None)
        for index in range(self.first, self.size):
            self.check_root(tree, index)
            self.place = self.position + 1
            leaf = self.log.leaf(index)
            position = int.from_bytes(leaf[:8], "big")
            if position < self.place:
                raise Mismatch(self.place, "order")
            if not tree.push(0, sha(b"\0" + leaf)):
                self.tell_apart(index, sha(b"\0" + leaf))
                told = position if event is None else event["position"]
                raise Mismatch(max(self.place, min(position, told)), "leaf")
            self.position = position
            if event is not None and event["position"] <= self.position:
                self.check_event(event, leaf)
                event = next(self.lines, None)
            elif self.manifest["tenants"] is None:
                raise Mismatch(self.position, "missing_event")
        self.check_root(tree, self.size)
        if event is not None:
            raise Mismatch(max(self.position + 1, event["position"]), "unsealed")
        if self.marks:
            raise Mismatch(self.position + 1, "rolled_back", size=self.marks[0][0])
        self.check_manifest()

    def tell_apart(self, index: int, digest: bytes) -> None:
        """Raise Mismatch where the leaf was sealed, but further on: what came before it is gone."""
        for later in range(index + 1, min(index + WIDTH, self.size)):
            if self.log.stored(0, later) == digest:
                raise Mismatch(self.place, "missing_event")

    def check_root(self, tree: Tree, size: int) -> None:
        """Compare the tree with the checkpoints of its size."""
        while self.marks and self.marks[-1][0] <= size:
            told, root = self.marks.pop()
            if told == size and root != tree.root():
                raise Mismatch(self.unsure, "root", size=size)
            self.unsure = self.position + 1
            if self.gaps:
                raise Mismatch(self.gaps[0], "gap")

    def check_event(self, event: dict[str, Any], leaf: bytes) -> None:
        """Compare an event with its leaf, and its version with the one before in its stream."""
        if event["position"] != self.position:
            raise Mismatch(max(self.place, event["position"]), "unsealed")
        self.place = self.position
        digest = content_hash(event)
        if digest != leaf[8:] or digest.hex() != event["content_hash"]:
            raise Mismatch(self.position, "content")
        before = self.versions.get(event["stream"], event["version"] - 1 if self.first else 0)
        if event["version"] != before + 1:
            self.gaps.append(self.position)  # told once a checkpoint vouches for what led here
        self.versions[event["stream"]] = event["version"]

    def check_manifest(self) -> None:
        """Compare what was read with what the manifest says."""
        told = self.manifest
        files = {name: sha((self.folder / name).read_bytes()).hex() for name in told["files"]}
        found = [self.origin, self.size, self.events, self.digest.hexdigest(), files]
        if found != [told[name] for name in ("origin", "size", "events", "sha256", "files")]:
            raise Mismatch(self.position + 1, "manifest")


def verify(folder: Path, *, keys: Sequence[str] = (), since: str | None = None) -> Report:
    """Return what a bundle proves.

    `keys` are verifier keys that are known from elsewhere, none trusts the bundle's own; `since` is
    an earlier checkpoint as it was kept. Raises Mismatch.
    """
    walk: Walk | None = None
    try:
        told = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
        trusted = Keys(keys, told)
        walk = Walk(folder, trusted, since)
        marks = len(walk.marks)
        walk.run()
    except MALFORMED as error:
        raise Mismatch(walk.place if walk else 1, "unreadable", detail=error) from error
    return Report(
        origin=walk.origin,
        size=walk.size,
        first=walk.first,
        events=walk.events,
        checkpoints=marks,
        last_position=walk.position,
        root=walk.root.hex(),
        tenants=walk.manifest["tenants"],
        keys=trusted.texts,
        pinned=bool(keys),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the bundle that the command line names, and print what was found."""
    parser = argparse.ArgumentParser(description="Verify a bundle of the sealed log, offline.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--key", action="append", default=[], help="NAME+ID+BASE64, kept elsewhere")
    parser.add_argument("--since", type=Path, help="a file with an earlier checkpoint")
    asked = parser.parse_args(arguments)
    since = asked.since.read_text(encoding="utf-8") if asked.since else None
    try:
        report = verify(asked.folder, keys=asked.key, since=since)
    except Mismatch as error:
        sys.stdout.write(f"position {error.position}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The whole log as files that an auditor verifies alone, with the events that may be shown."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from events.envelope import RecordedEvent
from events.sealing import verify
from events.sealing.commitment import is_intact
from events.sealing.tiles import WIDTH, MissingTile, tile_path, widths
from events.sealing.tree import HASH_BYTES, LEAF_BYTES, leaf_of
from events.store.port import EventStore
from events.store.sealed_log import SealedHead, SealedLog
from services.config_api.application.context import Clock
from services.config_api.vault.signing_keys import SigningKeys

_SCHEMA: Final = "relaybook.bundle/v1"
_PAGE: Final = 1_024
_FILES_A_FOLDER: Final = 1_000
_NO_LEAF: Final = bytes(LEAF_BYTES)
_OF_ROW: Final = ("actor", "causation_id", "correlation_id", "id", "schema_version", "source_ip",
                  "stream", "tenant", "traceparent", "type", "version")  # fmt: skip

#: A file's place in the bundle, and its bytes.
File = tuple[str, bytes]


class NothingSealed(Exception):
    """No checkpoint was signed yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRequest:
    """Whose events are shown (None: all), and the first position that matters.

    Leaves before the tile of `since` are left out; their hashes higher up prove them still.
    """

    tenants: frozenset[str] | None = None
    since: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundles:
    """Makes bundles; every method may raise StoreUnavailable, VaultError."""

    store: EventStore
    log: SealedLog
    keys: SigningKeys
    clock: Clock

    def files(self, request: BundleRequest) -> Iterator[File]:
        """Yield the files of a bundle, a few kilobytes each, the signed manifest last.

        What is wrong with the log is written as it is: to find it is the verifier's part. Raises
        NothingSealed before the first file.
        """
        head = self.log.newest()
        if head is None:
            raise NothingSealed
        return self._files(request, head)

    def _files(self, request: BundleRequest, head: SealedHead) -> Iterator[File]:
        number, after = self._begin(request, head)
        fixed = {"keys.json": self._keys(), "checkpoints.jsonl": self._checkpoints(head)}
        yield from fixed.items()
        yield "verify.py", Path(verify.__file__).read_bytes()
        yield "checkpoint", head.note.encode()
        yield from self._tiles(head.size, number)
        digest, count = hashlib.sha256(), 0
        for name, data in self._entries(request, head, number, after):
            if name.startswith("events/"):
                digest.update(data)
                count += data.count(b"\n")
            yield name, data
        manifest = {
            "origin": head.note.split("\n")[0],
            "size": head.size,
            "first": number * WIDTH,
            "tenants": None if request.tenants is None else sorted(request.tenants),
            "events": count,
            "sha256": digest.hexdigest(),
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in fixed.items()},
            "made_at": _instant(self.clock()),
        }
        key = self.keys.open(self.keys.newest())
        yield "manifest", key.sign(f"{_SCHEMA}\n{json.dumps(manifest)}\n").encode()

    def _begin(self, request: BundleRequest, head: SealedHead) -> tuple[int, int]:
        """Return the first tile whose leaves are shown, and the position before its first leaf."""
        place = self.log.tile_of(min(request.since, head.position))
        return (0, 0) if place is None or place[0] == 0 else (place[0], place[1] - 1)

    def _keys(self) -> bytes:
        told = [
            {"vkey": key.verifier.text, "handover": key.handover or ""} for key in self.keys.all()
        ]
        return json.dumps(told, indent=1).encode()

    def _checkpoints(self, head: SealedHead) -> bytes:
        lines = (json.dumps({"note": one.note}) + "\n" for one in self.log.heads(upto=head.size))
        return "".join(lines).encode()

    def _tiles(self, size: int, first: int) -> Iterator[File]:
        for level, number, width in widths(size):
            if level == 0 and number < first:
                continue
            try:
                hashes = self.log.tile(level, number)[: width * HASH_BYTES]
            except MissingTile:
                continue
            yield tile_path(level, number, width), hashes

    def _entries(
        self, request: BundleRequest, head: SealedHead, number: int, after: int
    ) -> Iterator[File]:
        """Yield leaves and events of each tile; leaves that are not there any more are zero."""
        rows = self._rows(after, head.position)
        while number * WIDTH < head.size:
            width = min(WIDTH, head.size - number * WIDTH)
            found = [row for _, row in zip(range(width), rows, strict=False)]
            leaves = [_leaf(row) for row in found] + [_NO_LEAF] * (width - len(found))
            size = LEAF_BYTES.to_bytes(2, "big")
            yield tile_path("entries", number, width), b"".join(size + leaf for leaf in leaves)
            tenants = request.tenants
            shown = [row for row in found if tenants is None or row.tenant in tenants]
            if shown:
                folder, name = divmod(number, _FILES_A_FOLDER)
                yield f"events/{folder:06}/{name:03}.jsonl", b"".join(map(_line, shown))
            number += 1

    def _rows(self, after: int, upto: int) -> Iterator[RecordedEvent]:
        while after < upto:
            page = self.store.read_all(after=after, limit=_PAGE)
            yield from (event for event in page.events if event.position <= upto)
            if page.at_end:
                return
            after = page.upto


def _leaf(event: RecordedEvent) -> bytes:
    """Return the leaf that a row makes; one that was changed makes none that fits."""
    return leaf_of(event.position, event.content_hash if is_intact(event) else bytes(HASH_BYTES))


def _line(event: RecordedEvent) -> bytes:
    told: dict[str, Any] = {"position": event.position, "recorded_at": _instant(event.recorded_at)}
    told |= {name: getattr(event, name) for name in _OF_ROW}
    told |= {
        "data": event.data.decode("utf-8", "surrogateescape"),
        "salt": b64encode(event.salt).decode("ascii"),
        "content_hash": event.content_hash.hex(),
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

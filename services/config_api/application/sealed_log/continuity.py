"""Whether the database still holds the log whose checkpoints were given out; no walk through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from events.sealing.checkpoint import Checkpoint, read_checkpoint
from events.sealing.commitment import is_intact
from events.sealing.note import MalformedNote, NotSigned, VerifierKey
from events.sealing.tiles import WIDTH, GrowingTiles, MissingTile, split_hashes, subtree_of
from events.sealing.tree import leaf_hash, leaf_of, range_hash
from events.store.port import EventStore
from events.store.sealed_log import SealedHead, SealedLog
from services.config_api.application.sealed_log.known import KnownCheckpoint
from services.config_api.vault.signing_keys import SigningKeys

#: `older`: a known checkpoint has more leaves. `other`: one does not fit. `broken`: tiles and head
#: do not fit each other. `changed`: the event at the position is not the one that was appended.
Reason = Literal["older", "other", "broken", "changed", "unreadable"]


class SealingRefused(Exception):
    """Nothing may be signed: it would contradict what was given out, or seal what was changed."""

    def __init__(self, position: int, reason: Reason) -> None:
        super().__init__(f"the log is not sealed from position {position} on: {reason}")
        self.position: Final = position
        self.reason: Final = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Continuity:
    """Compares the log's head with its tiles, its last event and the newest known checkpoint."""

    store: EventStore
    log: SealedLog
    keys: SigningKeys
    known: KnownCheckpoint

    def taken_up(self) -> tuple[SealedHead | None, GrowingTiles]:
        """Return the newest head and the edge of its tree.

        Raises SealingRefused, StoreUnavailable.
        """
        head = self.log.newest()
        size, end = (0, 1) if head is None else (head.size, head.position + 1)
        try:
            self._compare_known(size, end, [key.verifier for key in self.keys.all()])
            tiles = GrowingTiles(size, self.log.tile)
            if head is not None:
                self._compare_head(head, tiles)
        except (MalformedNote, OSError) as error:
            raise SealingRefused(end, "unreadable") from error
        except (MissingTile, NotSigned) as error:
            raise SealingRefused(1, "broken") from error
        return head, tiles

    def _compare_known(self, size: int, end: int, keys: list[VerifierKey]) -> None:
        known = self.known.read()
        if known is None:
            return
        if all(key.name != known.origin for key in keys):
            raise SealingRefused(1, "other")
        if known.size > size:
            raise SealingRefused(end, "older")
        if range_hash(subtree_of(self.log.tile), 0, known.size) != known.root:
            raise SealingRefused(1, "other")

    def _compare_head(self, head: SealedHead, tiles: GrowingTiles) -> None:
        keys = [key.verifier for key in self.keys.all()]
        told = read_checkpoint(head.note, keys)
        if told != Checkpoint(origin=told.origin, size=head.size, root=tiles.root()):
            raise SealingRefused(1, "broken")
        page = self.store.read_all(after=head.position - 1, limit=1)
        last = page.events[0] if page.events else None
        if last is None or last.position != head.position or not is_intact(last):
            raise SealingRefused(head.position, "changed")
        number, within = divmod(head.size - 1, WIDTH)
        sealed = split_hashes(self.log.tile(0, number))[within]
        if leaf_hash(leaf_of(last.position, last.content_hash)) != sealed:
            raise SealingRefused(head.position, "changed")

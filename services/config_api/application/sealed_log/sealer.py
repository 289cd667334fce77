"""Follows the store, reads every event back and hashes it again, and signs what it has become."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

import structlog

from events.failpoints import reach
from events.sealing.checkpoint import Checkpoint
from events.sealing.commitment import is_intact
from events.sealing.tiles import WIDTH, GrowingTiles
from events.sealing.tree import leaf_hash, leaf_of
from events.store.port import EventStore
from events.store.sealed_log import Refusal, SealedHead, SealedLog
from services.config_api.application.context import Clock
from services.config_api.application.sealed_log.continuity import Continuity, SealingRefused
from services.config_api.application.sealed_log.known import KnownCheckpoint
from services.config_api.vault.signing_keys import SigningKeys

_PAGE: Final = 1_000
_MOST_AT_ONCE: Final = 50_000  # what is held in memory between two signatures: 1.6 MB of hashes
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealer:
    """Seals the log from where it was left; one at a time."""

    store: EventStore
    log: SealedLog
    keys: SigningKeys
    known: KnownCheckpoint
    clock: Clock

    def begin(self) -> Sealing:
        """Return the work where it was left; raises SealingRefused, StoreUnavailable."""
        continuity = Continuity(store=self.store, log=self.log, keys=self.keys, known=self.known)
        try:
            head, tiles = continuity.taken_up()
        except SealingRefused as error:
            self.refuse(error)
            raise
        return Sealing(sealer=self, head=head, tiles=tiles)

    def refuse(self, error: SealingRefused) -> None:
        """Let everybody know why nothing is sealed."""
        refusal = Refusal(position=error.position, reason=error.reason, at=self.clock())
        self.log.refuse(refusal)


class Sealing:
    """The log as one process seals it; after an error it must be begun anew."""

    def __init__(self, *, sealer: Sealer, head: SealedHead | None, tiles: GrowingTiles) -> None:
        self._sealer = sealer
        self._tiles = tiles
        self._size = tiles.size
        self._position = 0 if head is None else head.position
        self._begins: dict[int, int] = {}

    @property
    def size(self) -> int:
        """How many events are sealed."""
        return self._size

    def round(self) -> bool:
        """Seal what is there, 50,000 events at most; return whether there is more.

        Raises SealingRefused, SealedMeanwhile, StoreUnavailable.
        """
        at_end = False
        while not at_end and self._tiles.size - self._size < _MOST_AT_ONCE:
            at_end = self._take_page()
        if self._tiles.size > self._size:
            self._sign()
        return not at_end

    def _take_page(self) -> bool:
        page = self._sealer.store.read_all(after=self._position, limit=_PAGE)
        for event in page.events:
            if not is_intact(event):
                refused = SealingRefused(event.position, "changed")
                self._sealer.refuse(refused)
                raise refused
            if self._tiles.size % WIDTH == 0:
                self._begins[self._tiles.size // WIDTH] = event.position
            self._tiles.add(leaf_hash(leaf_of(event.position, event.content_hash)))
            self._position = event.position
        reach("seal.read")
        return page.at_end

    def _sign(self) -> None:
        keys = self._sealer.keys
        key = keys.open(keys.newest())
        root = self._tiles.root()
        checkpoint = Checkpoint(origin=key.name, size=self._tiles.size, root=root)
        head = SealedHead(
            size=checkpoint.size,
            previous=self._size,
            position=self._position,
            root=root,
            note=key.sign(checkpoint.text),
            signed_at=self._sealer.clock(),
        )
        reach("seal.signed")
        self._sealer.log.add(head, self._tiles.changed(), self._begins)
        reach("seal.stored")
        self._tiles.kept()
        self._size = head.size
        self._begins.clear()
        self._tell(head)

    def _tell(self, head: SealedHead) -> None:
        told = b64encode(head.root).decode("ascii")
        _log.info("the log is sealed", size=head.size, position=head.position, root=told)
        try:
            self._sealer.known.write(head.note)
        except OSError:
            _log.exception("the checkpoint's file cannot be written")
        reach("seal.told")

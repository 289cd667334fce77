"""What proves single events, and how far the log is sealed."""

from __future__ import annotations

from dataclasses import dataclass

from events.envelope import RecordedEvent
from events.sealing.commitment import is_intact
from events.sealing.proof import inclusion_proof, proof_text
from events.sealing.tiles import WIDTH, subtree_of
from events.sealing.tree import leaf_hash, leaf_of
from events.store.port import EventFilter, EventStore
from events.store.sealed_log import Refusal, SealedHead, SealedLog


class NoSuchEvent(LookupError):
    """No event is at the position, or it is not theirs who ask."""


class NotSealedYet(Exception):
    """The event is newer than the newest checkpoint."""


class NotProvable(Exception):
    """The event is not the one that was sealed: there is no proof, and somebody changed it."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the event at {position} is not the one that was sealed")
        self.position = position


@dataclass(frozen=True, kw_only=True, slots=True)
class LogStatus:
    """The newest head, by how many positions the store is ahead of it, and why it stays so."""

    head: SealedHead | None
    behind: int
    refusal: Refusal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proofs:
    """Answers from tiles and rows; every method may raise StoreUnavailable."""

    store: EventStore
    log: SealedLog

    def status(self) -> LogStatus:
        """Return how far the log is sealed."""
        head = self.log.newest()
        behind = self.store.head() - (0 if head is None else head.position)
        return LogStatus(head=head, behind=max(0, behind), refusal=self.log.refusal())

    def proof(self, position: int, tenants: frozenset[str] | None) -> str:
        """Return the proof of an event (C2SP tlog-proof); `tenants` are whose events one may see.

        Its extra data is position (8 bytes) ‖ salt (16 bytes): with the event's own fields they
        give the leaf. Raises NoSuchEvent, NotSealedYet, NotProvable, MissingTile.
        """
        event = self._event(position, tenants)
        head = self.log.newest()
        place = self.log.tile_of(position)
        if head is None or place is None or position > head.position:
            raise NotSealedYet(position)
        number, first = place
        page = self.store.read_all(after=first - 1, limit=WIDTH)
        within = sum(one.position < position for one in page.events)
        subtree = subtree_of(self.log.tile)
        index = number * WIDTH + within
        leaf = leaf_of(position, event.content_hash)
        if not is_intact(event) or index >= head.size or subtree(0, index) != leaf_hash(leaf):
            raise NotProvable(position)
        path = inclusion_proof(subtree, index, head.size)
        return proof_text(index, path, head.note, extra=leaf[:8] + event.salt)

    def _event(self, position: int, tenants: frozenset[str] | None) -> RecordedEvent:
        only = EventFilter(tenants=tenants)
        page = self.store.read_all(after=max(0, position - 1), limit=1, only=only)
        if not page.events or page.events[0].position != position:
            raise NoSuchEvent(position)
        return page.events[0]

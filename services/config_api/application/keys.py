"""The keys that seal secrets: which there are, another master key, and a tenant's destroyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from events.catalogue import Fact, encode
from events.envelope import stream_name
from events.failpoints import reach
from events.keys import KEY_CATEGORY, MASTER_KEY_CATEGORY, KeyRotated, KeyShredded
from events.store.port import Duties, EventStore, Expected, RowWrite, StreamAppend, Wakeup
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.vault.key_file import replace
from services.config_api.vault.master_key import MasterKey
from services.config_api.vault.vault import Vault

_DUTY: Final = "key-rotation"


class NothingToRotate(Exception):
    """No other master key is there to wrap with, and the keys are not kept in a file."""


class RotationUnderWay(Exception):
    """Another process is rotating: two at once would take each other's new key out of the file."""


class NoKey(Exception):
    """The tenant has no key, or none that is not shredded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterKeyStatus:
    """One master key: whether it wraps, how many tenants' keys it wraps, and since when it retires.

    `at_hand` is False for a key that stored keys need and nobody configured; one that is at hand
    but not `needed` may be taken away.
    """

    id: str
    wraps: bool
    at_hand: bool
    needed: bool
    count: int
    retired_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """Changes keys while the service runs; every method may raise StoreUnavailable."""

    store: EventStore
    wakeup: Wakeup
    duties: Duties
    vault: Vault

    def status(self) -> Sequence[MasterKeyStatus]:
        """Return the master keys, the one that wraps first."""
        marks, counts = self.vault.marks.all(), self.vault.keys.wrapped_by()
        newest = self.vault.ring.newest.id
        configured = [key.id for key in self.vault.ring.keys]
        others = sorted((marks.keys() | counts.keys()) - set(configured))
        return [
            MasterKeyStatus(
                id=one,
                wraps=one == newest,
                at_hand=one in configured,
                needed=one == newest or one in marks or one in counts,
                count=counts.get(one, 0),
                retired_at=marks.get(one),
            )
            for one in (*configured, *others)
        ]

    @as_command("keys.rotate")
    def rotate(self, ctx: Context, progress: Callable[[int], None]) -> KeyRotated:
        """Let another master key wrap every tenant's key, and retire the others.

        A file of keys gets a new one and loses the others at the end; keys from the environment
        are there already, the new one first. A rotation that was interrupted is finished.
        `progress` is told how many keys were wrapped, time after time. Raises NothingToRotate,
        RotationUnderWay, WrongMasterKey; OSError where the file does not take the new key.
        """
        holding = self.duties.try_hold(_DUTY)
        if holding is None:
            raise RotationUnderWay
        try:
            self.vault.ring.read_again()  # another rotation may have ended just now
            return self._rotate(ctx, progress)
        finally:
            holding.release()

    def _rotate(self, ctx: Context, progress: Callable[[int], None]) -> KeyRotated:
        if len(self.vault.ring.keys) == 1:
            self._put_new_key()
            reach("rotation.added")
        self.vault.marks.lay()
        newest = self.vault.ring.newest.id
        retired = tuple(sorted(self.vault.marks.all().keys() - {newest}))
        for master in retired:
            self.vault.marks.retire(master)
        reach("rotation.retired")
        for done in self.vault.keys.wrap_anew():
            reach("rotation.wrapped")
            progress(done)
        count = self.vault.keys.wrapped_by().get(newest, 0)
        fact = KeyRotated(master=newest, retired=retired, count=count)
        if retired:
            dropped = [self.vault.marks.dropped(master) for master in retired]
            self._append(stream_name(MASTER_KEY_CATEGORY, newest), fact, None, dropped, ctx)
        reach("rotation.recorded")
        if self.vault.ring.file is not None:
            with suppress(OSError):  # the others may stay; `status` tells that nobody needs them
                replace(self.vault.ring.file, [self.vault.ring.newest])
            self.vault.ring.read_again()
        return fact

    @as_command("keys.shred")
    def shred(self, tenant: str, ctx: Context) -> KeyShredded:
        """Destroy a tenant's keys for ever; the next secret gets a new one. Raises NoKey."""
        held = self.vault.keys.held(tenant) if tenant else ()  # empty: the deployment's own
        if not held:
            raise NoKey(tenant)
        fact = KeyShredded(tenant=tenant, key_numbers=tuple(row.key_no for row in held))
        rows = [self.vault.keys.shredded(row) for row in held]
        self._append(stream_name(KEY_CATEGORY, tenant), fact, tenant, rows, ctx)
        return fact

    def _put_new_key(self) -> None:
        if self.vault.ring.file is None:
            raise NothingToRotate
        self.vault.marks.check()  # a file that lacks the key in use must not get one more
        replace(self.vault.ring.file, [MasterKey.new(), *self.vault.ring.keys])
        self.vault.ring.read_again()

    def _append(
        self, stream: str, fact: Fact, tenant: str | None, rows: Sequence[RowWrite], ctx: Context
    ) -> None:
        append = StreamAppend(
            stream=stream, expected=Expected.ANY, events=[encode(fact, tenant=tenant)], rows=rows
        )
        self.store.append([append], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()

"""The keys of tenants: found, unwrapped, and made where a tenant has none."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    func,
    select,
    tuple_,
    update,
)

from events.store.port import PutRow, RowWrite
from events.store.sql.among import among
from events.store.sql.failures import translated
from events.store.sql.rows import insert_missing
from services.config_api.vault.box import KEY_BYTES, binding
from services.config_api.vault.errors import WrongMasterKey
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.marks import Marks
from services.config_api.vault.master_key import MasterKey
from services.config_api.vault.tables import tenant_keys

_CHUNK: Final = 500
_KEYS: Final = tenant_keys.c
_PLACE: Final = tuple_(_KEYS.tenant, _KEYS.key_no)
_WRAP_ANEW: Final = (
    update(tenant_keys)
    .where(_KEYS.tenant == bindparam("of_tenant"), _KEYS.key_no == bindparam("of_key_no"))
    .where(_KEYS.master == bindparam("of_master"))
    .values(master=bindparam("new_master"), wrapped=bindparam("new_wrapped"))
)
_NEWEST = (
    select(tenant_keys)
    .where(_KEYS.tenant == bindparam("of_tenant"), _KEYS.wrapped.is_not(None))
    .order_by(_KEYS.key_no.desc())
    .limit(1)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantKeys:
    """Keys by tenant and number, wrapped by a master key; none is kept in memory."""

    ring: KeyRing
    marks: Marks
    engine: Engine
    read_engine: Engine
    clock: Callable[[], datetime]

    def newest(self, tenant: str) -> tuple[int, bytes]:
        """Return the number and the key that seal for a tenant, made where there is none.

        Raises WrongMasterKey, StoreUnavailable.
        """
        row = self._newest_row(tenant)
        while row is None:  # again only where it was shredded in this very moment
            self.make_missing([tenant])
            row = self._newest_row(tenant)
        return row.key_no, self._unwrap(row)

    def unwrapped(self, tenant: str, key_no: int, master: str, wrapped: bytes) -> bytes:
        """Return the key that a row holds; raises WrongMasterKey."""
        return self.ring.unwrap(master, wrapped, _bound_to(tenant, key_no))

    def newest_of(self, tenants: Collection[str]) -> dict[str, tuple[int, bytes]]:
        """Return, by tenant, what `newest` does, in few statements.

        Raises WrongMasterKey, StoreUnavailable.
        """
        made = self.make_missing(tenants)
        there = [tenant for tenant in tenants if tenant not in made]
        rows = sorted(self._rows_of(there), key=lambda row: row.key_no)
        found = {row.tenant: row for row in rows}
        return made | {
            # One that was shredded in this very moment gets its next key.
            tenant: (found[tenant].key_no, self._unwrap(found[tenant]))
            if tenant in found
            else self.newest(tenant)
            for tenant in there
        }

    def numbered_of(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """Return many keys by tenant and number; those that are gone are not among them.

        Raises WrongMasterKey, StoreUnavailable.
        """
        rows = self._rows_of({tenant for tenant, _ in wanted})
        return {
            (row.tenant, row.key_no): self._unwrap(row)
            for row in rows
            if (row.tenant, row.key_no) in wanted
        }

    def make_missing(self, tenants: Iterable[str]) -> dict[str, tuple[int, bytes]]:
        """Make the keys of those tenants that have none; raises WrongMasterKey, StoreUnavailable.

        Processes that do so at once agree on the one that was first. Returns number and key of
        those that were made here for sure.
        """
        made: dict[str, tuple[int, bytes]] = {}
        rest = iter(tenants)
        while chunk := set(islice(rest, _CHUNK)):
            # Again where a master key that this process had not heard of has taken over.
            while (new := self._try_to_make_missing(chunk, master := self.ring.newest)) is None:
                self.ring.read_again()
                if self.ring.newest.id == master.id:
                    raise WrongMasterKey(f"the master key {master.id} was replaced by another one")
            made |= new
        return made

    def held(self, tenant: str) -> Sequence[Row[Any]]:
        """Return a tenant's keys that are not shredded, by number; raises StoreUnavailable."""
        return sorted(self._rows_of([tenant]), key=lambda row: row.key_no)

    def shredded(self, row: Row[Any]) -> RowWrite:
        """Return the row of a key that is destroyed, for the append that tells of it."""
        values = {
            "tenant": row.tenant,
            "key_no": row.key_no,
            "master": None,
            "wrapped": None,
            "created_at": row.created_at,
            "shredded_at": self.clock(),
        }
        return PutRow(table=tenant_keys, values=values)

    def wrapped_by(self) -> dict[str, int]:
        """Return, by master key, how many keys it wraps; raises StoreUnavailable."""
        wanted = (
            select(_KEYS.master, func.count())
            .where(_KEYS.master.is_not(None))
            .group_by(_KEYS.master)
        )
        with translated(), self.read_engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}

    def wrap_anew(self) -> Iterator[int]:
        """Wrap each key with the first master key; yields how many it did, chunk by chunk.

        What is done stays done: whoever begins again goes on with the rest. A key that is shredded
        meanwhile stays so. Raises WrongMasterKey, StoreUnavailable.
        """
        rest = (
            select(tenant_keys)
            .where(_KEYS.master.is_not(None), _KEYS.master != self.ring.newest.id)
            .order_by(_KEYS.tenant, _KEYS.key_no)
            .limit(_CHUNK)
        )
        after = None
        while True:
            wanted = rest if after is None else rest.where(after < _PLACE)
            with translated(), self.read_engine.connect() as connection:
                rows = connection.execute(wanted).all()
            if not rows:
                return
            with translated(), self.engine.begin() as connection:
                connection.execute(_WRAP_ANEW, [self._wrapped_anew(row) for row in rows])
            after = tuple_(rows[-1].tenant, rows[-1].key_no)
            yield len(rows)

    def _wrapped_anew(self, row: Row[Any]) -> dict[str, Any]:
        wrapped = _wrapped(row.tenant, row.key_no, self._unwrap(row), self.ring.newest)
        return {
            "of_tenant": row.tenant,
            "of_key_no": row.key_no,
            "of_master": row.master,
            "new_master": wrapped["master"],
            "new_wrapped": wrapped["wrapped"],
        }

    def _try_to_make_missing(
        self, tenants: set[str], master: MasterKey
    ) -> dict[str, tuple[int, bytes]] | None:
        """Return None, with nothing made, where this master key wraps no more."""
        with translated(), self.engine.begin() as connection:
            numbers = self._missing(connection, tenants)
            if not numbers:
                return {}
            if not self.marks.may_wrap(connection, master):
                return None
            made = {
                tenant: (key_no, secrets.token_bytes(KEY_BYTES))
                for tenant, key_no in numbers.items()
            }
            rows = [self._new_row(tenant, *made[tenant], master) for tenant in made]
            # Others may have been first with some, which ones is not told.
            return made if insert_missing(connection, tenant_keys, rows) == len(rows) else {}

    def _missing(self, connection: Connection, tenants: set[str]) -> dict[str, int]:
        """Return, by tenant, the number of the key that it lacks, in the order of the tenants."""
        wanted = (
            select(_KEYS.tenant, func.max(_KEYS.key_no), func.count(_KEYS.wrapped))
            .where(among(connection, _KEYS.tenant, tenants))
            .group_by(_KEYS.tenant)
        )
        found = {row[0]: (row[1], row[2]) for row in connection.execute(wanted)}
        numbers = {tenant: found.get(tenant, (0, 0)) for tenant in sorted(tenants)}
        return {tenant: key_no + 1 for tenant, (key_no, held) in numbers.items() if not held}

    def _rows_of(self, tenants: Iterable[str]) -> list[Row[Any]]:
        """Return the keys of many tenants that are not shredded."""
        rest = iter(tenants)
        rows: list[Row[Any]] = []
        while chunk := list(islice(rest, _CHUNK)):
            with translated(), self.read_engine.connect() as connection:
                theirs = among(connection, _KEYS.tenant, chunk)
                wanted = select(tenant_keys).where(theirs, _KEYS.wrapped.is_not(None))
                rows += connection.execute(wanted).all()
        return rows

    def _newest_row(self, tenant: str) -> Any:  # noqa: ANN401 -- a row or None
        with translated(), self.read_engine.connect() as connection:
            return connection.execute(_NEWEST, {"of_tenant": tenant}).one_or_none()

    def _new_row(self, tenant: str, key_no: int, key: bytes, master: MasterKey) -> dict[str, Any]:
        return {
            "tenant": tenant,
            "key_no": key_no,
            "created_at": self.clock(),
            **_wrapped(tenant, key_no, key, master),
        }

    def _unwrap(self, row: Row[Any]) -> bytes:
        return self.unwrapped(row.tenant, row.key_no, row.master, row.wrapped)


def _wrapped(tenant: str, key_no: int, key: bytes, master: MasterKey) -> dict[str, Any]:
    return {"master": master.id, "wrapped": master.wrap(key, _bound_to(tenant, key_no))}


def _bound_to(tenant: str, key_no: int) -> bytes:
    return binding("tenant-key", tenant, key_no)

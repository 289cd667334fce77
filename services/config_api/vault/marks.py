"""The marks of master keys: which ones the stored keys need, and which may wrap no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from events.store.port import DropRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.vault.box import binding
from services.config_api.vault.errors import WrongMasterKey
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.master_key import MasterKey
from services.config_api.vault.tables import vault_check

_MARKS = vault_check.c


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """A mark a master key, sealed under it; made when it first wraps, dropped with its last row.

    A key that is being replaced is retired first. Who makes a tenant's key holds a share of the
    mark until the end of his transaction, so that nothing is wrapped by a retired key any more
    once it is retired.
    """

    ring: KeyRing
    engine: Engine
    clock: Callable[[], datetime]

    def check(self) -> None:
        """Check that every master key in need is at hand, and that the first may wrap.

        Leaves a mark of the first. Raises NoMasterKey, WrongMasterKey, StoreUnavailable.
        """
        newest = self.ring.newest
        with translated(), self.engine.begin() as connection:
            self._open_all(connection)
            if self._is_retired(connection):
                raise WrongMasterKey(
                    f"the master key {newest.id} is being replaced by another one:"
                    " that one comes first"
                )

    def lay(self) -> None:
        """Let the first key of the ring wrap, also one that was retired before.

        Raises WrongMasterKey, StoreUnavailable.
        """
        with translated(), self.engine.begin() as connection:
            self._open_all(connection)
            self._set(connection, self.ring.newest.id, None)

    def retire(self, master: str) -> None:
        """Let a key wrap no more; returns when nobody is about to. Raises StoreUnavailable."""
        with translated(), self.engine.begin() as connection:
            self._set(connection, master, self.clock())

    def may_wrap(self, connection: Connection, key: MasterKey) -> bool:
        """Tell whether a key of the ring may wrap until this transaction ends.

        In a database without any mark it makes the first one.
        """
        found = _shared(connection, key)
        if found is None and not _others_wrap(connection, key):
            self._mark(connection, key)  # or another process has made it meanwhile
            found = _shared(connection, key)
        return found is not None and found.retired_at is None

    def all(self) -> dict[str, datetime | None]:
        """Return, by master key, since when it is retired; raises StoreUnavailable."""
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(select(_MARKS.master, _MARKS.retired_at)).all()
        return {row.master: row.retired_at for row in rows}

    def dropped(self, master: str) -> RowWrite:
        """Return the deletion of a mark, for the append that says that the key is not needed."""
        return DropRow(table=vault_check, key={"master": master})

    def _open_all(self, connection: Connection) -> None:
        """Open every mark, then leave one of the first key; raises WrongMasterKey."""
        for row in connection.execute(select(_MARKS.master, _MARKS.wrapped)).all():
            self.ring.unwrap(row.master, row.wrapped, _bound_to(row.master))
        self._mark(connection, self.ring.newest)

    def _mark(self, connection: Connection, key: MasterKey) -> None:
        mark = {
            "master": key.id,
            "wrapped": key.wrap(key.id.encode("ascii"), _bound_to(key.id)),
            "created_at": self.clock(),
        }
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(vault_check).on_conflict_do_nothing(), mark)

    def _is_retired(self, connection: Connection) -> bool:
        wanted = select(_MARKS.retired_at).where(_MARKS.master == self.ring.newest.id)
        return connection.execute(wanted).scalar_one() is not None

    def _set(self, connection: Connection, master: str, retired_at: datetime | None) -> None:
        connection.execute(
            update(vault_check).where(_MARKS.master == master).values(retired_at=retired_at)
        )


def _shared(connection: Connection, key: MasterKey) -> Row[Any] | None:
    """Return the mark of a key and hold a share of it."""
    wanted = select(_MARKS.retired_at).where(_MARKS.master == key.id)
    return connection.execute(wanted.with_for_update(read=True)).one_or_none()


def _others_wrap(connection: Connection, key: MasterKey) -> bool:
    wanted = select(_MARKS.master).where(_MARKS.master != key.id).limit(1)
    return connection.execute(wanted).first() is not None


def _bound_to(master: str) -> bytes:
    return binding("check", master)

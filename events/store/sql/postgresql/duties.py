"""Duties by advisory locks that last as long as the session that took them."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.store.port import StoreUnavailable
from events.store.sql.postgresql.session import session_of, take_session

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Two 32-bit keys: a lock space apart from the floors', which have one of 64 bits. 9 means duties.
_TRY = "SELECT pg_try_advisory_lock(9, %s)"
_HELD = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
    " AND classid = 9 AND objid::bigint = %s AND pid = pg_backend_pid())"
)


class PostgresDuties:
    """Keeps `Duties`' promises; a duty held keeps one connection beside the pool."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def try_hold(self, name: str) -> PostgresHolding | None:
        """Return the duty if nobody holds it; raises StoreUnavailable."""
        try:
            return self._try(_key_of(name))
        except (psycopg.Error, PoolTimeout) as error:
            raise StoreUnavailable(f"the database is not available: {error}") from error

    def _try(self, duty: int) -> PostgresHolding | None:
        pooled = self._engine.raw_connection()
        session = session_of(pooled)
        try:
            with session.transaction():
                is_free = session.execute(_TRY, (duty,)).fetchone() == (True,)
        except psycopg.Error as error:
            pooled.invalidate(error)
            raise
        if not is_free:
            pooled.close()
            return None
        return PostgresHolding(take_session(pooled), duty)


class PostgresHolding:
    """A duty held by a session."""

    def __init__(self, session: psycopg.Connection[Any], duty: int) -> None:
        self._session = session
        self._duty = duty % 2**32  # pg_locks shows it without its sign
        self._lock = threading.Lock()

    def still_held(self) -> bool:
        with self._lock:
            try:
                found = self._session.execute(_HELD, (self._duty,)).fetchone()
            except psycopg.Error:
                return False
            return found == (True,)

    def release(self) -> None:
        with self._lock:
            self._session.close()  # the end of the session ends the lock


def _key_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)

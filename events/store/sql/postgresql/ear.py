"""One session that listens on a channel; what was said while it was lost is lost, too."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from events.store.sql.postgresql.session import take_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


class EarLost(Exception):
    """The session broke or could not be had."""


class Ear:
    """Listens on a channel with a session beside the pool; for one thread."""

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine = engine
        self._channel = channel
        self._session: psycopg.Connection[Any] | None = None

    def open(self) -> bool:
        """Listen; True where a new session begins to. Raises EarLost."""
        if self._session is not None:
            return False
        with self._losing():
            self._session = take_session(self._engine.raw_connection())
            self._session.execute(f"LISTEN {self._channel}".encode())
        return True

    def hear(self, seconds: float) -> list[str]:
        """Return what is said until something was, at most for so long; raises EarLost."""
        session = self._session
        if session is None:
            raise EarLost("nobody listens")
        with self._losing():
            return [said.payload for said in session.notifies(timeout=seconds, stop_after=1)]

    def close(self) -> None:
        """End the session."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, psycopg.Error) as error:
            self.close()
            raise EarLost(str(error)) from error

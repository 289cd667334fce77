"""Attempts to sign in by a provider that are under way, known by the hash of their state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, bindparam, delete, insert

from events.store.sql.failures import translated
from services.config_api.application.token_text import hashed
from services.config_api.read_model.operational_tables import openid_attempts

VALID_FOR: Final = timedelta(minutes=10)

_NEW = insert(openid_attempts)
_USE = (
    delete(openid_attempts)
    .where(openid_attempts.c.sha256 == bindparam("wanted"))
    .returning(openid_attempts.c.try_id, openid_attempts.c.created_at)
)
_OLD = delete(openid_attempts).where(openid_attempts.c.created_at <= bindparam("since"))


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenIdAttempts:
    """Keeps them for ten minutes, for one use each; raises StoreUnavailable."""

    engine: Engine

    def begin(self, state: str, try_id: str, at: datetime) -> None:
        """Keep an attempt and the try that it counts as."""
        values = {"sha256": hashed(state), "try_id": try_id, "created_at": at}
        with translated(), self.engine.begin() as connection:
            connection.execute(_NEW, values)

    def use(self, state: str, at: datetime) -> str | None:
        """Use an attempt up and return its try; None where there is none, or it is too old."""
        with translated(), self.engine.begin() as connection:
            row = connection.execute(_USE, {"wanted": hashed(state)}).one_or_none()
        return None if row is None or row.created_at <= at - VALID_FOR else str(row.try_id)

    def forget_old(self, at: datetime) -> None:
        """Delete the attempts that nobody can finish any more."""
        with translated(), self.engine.begin() as connection:
            connection.execute(_OLD, {"since": at - VALID_FOR})

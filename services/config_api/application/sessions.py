"""Rows of people who are signed in, and of the links that let the first one in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Engine, Row, bindparam, delete, select, update

from events.access import Role
from events.store.port import AddRow, DropRow, PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.read_model.operational_tables import sessions, sign_in_links

#: What a session hangs on; it ends with it.
HoldsBy = Literal["link", "token", "user", "openid"]

IDLE_LIMIT = timedelta(minutes=30)
WHOLE_LIMIT = timedelta(hours=12)
LINK_LIMIT = timedelta(hours=1)
#: A session's last use is written at most so often.
SEEN_EVERY = timedelta(minutes=1)

_WANTED = sessions.c.sha256 == bindparam("wanted")
_SESSION = select(sessions).where(_WANTED)
_SEEN = update(sessions).where(_WANTED).values(seen_at=bindparam("at"))
_END = delete(sessions).where(_WANTED)
_OLD = delete(sessions).where(
    (sessions.c.created_at <= bindparam("whole")) | (sessions.c.seen_at <= bindparam("idle"))
)
_LINK = select(sign_in_links).where(sign_in_links.c.sha256 == bindparam("wanted"))
_USED = select(sign_in_links.c.sha256).where(sign_in_links.c.used_at.is_not(None)).limit(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Provided:
    """What an OpenID provider's word was worth at sign-in; it stays so until the session ends."""

    issuer: str
    roles: tuple[Role, ...]
    name: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSession:
    """A session; `token_id` is set where it lives only as long as that token.

    `user` is a name or a token's id; for a provider's person (`provided`) it is the whole actor,
    which no name and no id can be.
    """

    user: str
    holds_by: HoldsBy
    token_id: str | None
    created_at: datetime
    seen_at: datetime
    provided: Provided | None = None

    @property
    def lasts_until(self) -> datetime:
        """When it ends however it is used."""
        return self.created_at + WHOLE_LIMIT

    @property
    def ends_at(self) -> datetime:
        """When it ends unless it is used meanwhile."""
        return min(self.lasts_until, self.seen_at + IDLE_LIMIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredLink:
    """A sign-in link."""

    user: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    """Reads and ends sessions; `engine` is the one for writing, `read_engine` for reading."""

    engine: Engine
    read_engine: Engine

    def find(self, sha256: str) -> StoredSession | None:
        """Return a session by the hash of its cookie, ended or not."""
        row = self._first(_SESSION, wanted=sha256)
        if row is None:
            return None
        return StoredSession(
            user=row.user,
            holds_by=row.holds_by,
            token_id=row.token_id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            provided=_provided(row),
        )

    def seen(self, sha256: str, at: datetime) -> None:
        """Note that a session is in use."""
        self._write(_SEEN, wanted=sha256, at=at)

    def end(self, sha256: str) -> None:
        """Delete a session."""
        self._write(_END, wanted=sha256)

    def forget_ended(self, at: datetime) -> None:
        """Delete the sessions that have ended."""
        self._write(_OLD, whole=at - WHOLE_LIMIT, idle=at - IDLE_LIMIT)

    def link(self, sha256: str) -> StoredLink | None:
        """Return a sign-in link by its hash, used or not."""
        row = self._first(_LINK, wanted=sha256)
        if row is None:
            return None
        return StoredLink(user=row.user, expires_at=row.expires_at, used_at=row.used_at)

    def somebody_came(self) -> bool:
        """Tell whether a person has ever signed in by a link."""
        return self._first(_USED) is not None

    def _first(self, statement: Any, **values: str) -> Row[Any] | None:  # noqa: ANN401 -- a select
        with translated(), self.read_engine.connect() as connection:
            return connection.execute(statement, values).first()

    def _write(self, statement: Any, **values: str | datetime) -> None:  # noqa: ANN401 -- any DML
        with translated(), self.engine.begin() as connection:
            connection.execute(statement, values)


def _provided(row: Row[Any]) -> Provided | None:
    if row.issuer is None:
        return None
    return Provided(issuer=row.issuer, roles=tuple(json.loads(row.roles)), name=row.display_name)


def session_row(sha256: str, session: StoredSession) -> RowWrite:
    """Return the row of a new session."""
    provided = session.provided
    values = {
        "sha256": sha256,
        "user": session.user,
        "holds_by": session.holds_by,
        "token_id": session.token_id,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "issuer": provided and provided.issuer,
        "roles": provided and json.dumps(provided.roles),
        "display_name": provided and provided.name,
    }
    return AddRow(table=sessions, values=values)


def without_sessions_of(user: str) -> RowWrite:
    """Return what ends all sessions of a user."""
    return DropRow(table=sessions, key={"user": user})


def link_row(sha256: str, user: str, *, expires_at: datetime, used_at: datetime | None) -> RowWrite:
    """Return the row of a sign-in link."""
    values = {"sha256": sha256, "user": user, "expires_at": expires_at, "used_at": used_at}
    return PutRow(table=sign_in_links, values=values)

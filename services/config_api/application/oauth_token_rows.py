"""What each OAuth provider issued last, or why it did not; who is asking it right now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Row, bindparam, select, update

from events.oauth_provider import REFRESH_TOKEN, ProviderValues
from events.store.port import AddRow, PutRow, RowExists, RowWrite
from events.store.sql.failures import translated
from services.config_api.domain.errors import NoToken
from services.config_api.domain.oauth_provider import ProviderState
from services.config_api.read_model.operational_tables import oauth_tokens
from services.config_api.read_model.writing import write_rows

#: Longer than a request to a provider can take.
LOCK_LIMIT: Final = timedelta(seconds=30)
_PAGE: Final = 100

_WANTED = oauth_tokens.c.provider_id == bindparam("wanted")
_ONE = select(oauth_tokens).where(_WANTED)
_DUE = (
    select(oauth_tokens.c.provider_id)
    .where(oauth_tokens.c.renew_at <= bindparam("at"))
    .order_by(oauth_tokens.c.renew_at)
    .limit(_PAGE)
)
_LOCK = (
    update(oauth_tokens)
    .where(
        _WANTED,
        oauth_tokens.c.locked_until.is_(None) | (oauth_tokens.c.locked_until <= bindparam("at")),
    )
    .values(locked_by=bindparam("owner"), locked_until=bindparam("until"))
)
_UNLOCK = (
    update(oauth_tokens)
    .where(_WANTED, oauth_tokens.c.locked_by == bindparam("owner"))
    .values(locked_by=None, locked_until=None)
)
_FAILED = (
    update(oauth_tokens)
    .where(_WANTED)
    .values(
        failure=bindparam("failure_"),
        failed_at=bindparam("at"),
        failures=oauth_tokens.c.failures + 1,
        renew_at=bindparam("again_at"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldToken:
    """A provider's row; `failure` is why the last request came to nothing, None after a good one.

    The failure holds the provider's `version` at which it came, a `code` and `facts`.
    `refresh_id` names a refresh token that took the place of the provider's own of version
    `refresh_of`.
    """

    provider_version: int
    access_id: str | None
    expires_at: datetime | None
    usable_until: datetime | None
    renew_at: datetime | None
    refresh_id: str | None
    refresh_of: int | None
    refresh_expires_at: datetime | None
    renewed_at: datetime | None
    failure: Mapping[str, Any] | None
    failed_at: datetime | None
    failures: int

    def usable(self, version: int, at: datetime) -> bool:
        """Tell whether its access token may be given out for the provider at this version."""
        return (
            self.access_id is not None
            and self.provider_version == version
            and self.usable_until is not None
            and self.usable_until > at
        )

    def rotated(self, provider: ProviderValues) -> str | None:
        """Return the name of the refresh token that took the place of the provider's own."""
        own = provider.secrets.get(REFRESH_TOKEN)
        return self.refresh_id if own is not None and own.version == self.refresh_of else None


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRows:
    """Reads and writes these rows; raises StoreUnavailable."""

    engine: Engine
    read_engine: Engine

    def find(self, provider_id: str) -> HeldToken | None:
        """Return a provider's row."""
        with translated(), self.read_engine.connect() as connection:
            row = connection.execute(_ONE, {"wanted": provider_id}).one_or_none()
        return None if row is None else _held(row)

    def due(self, at: datetime) -> list[str]:
        """Return providers whose token should be fetched again, the longest due first."""
        with translated(), self.read_engine.connect() as connection:
            return list(connection.execute(_DUE, {"at": at}).scalars())

    def lock(self, provider_id: str, version: int, owner: str, at: datetime) -> bool:
        """Become the only one who asks a provider; False where somebody else is."""
        until = at + LOCK_LIMIT
        if self._write(_LOCK, wanted=provider_id, owner=owner, at=at, until=until):
            return True
        first = {
            **dict.fromkeys(oauth_tokens.c.keys()),
            "provider_id": provider_id,
            "provider_version": version,
            "failures": 0,
            "locked_by": owner,
            "locked_until": until,
        }
        try:
            write_rows(self.engine, [AddRow(table=oauth_tokens, values=first)])
        except RowExists:
            return False
        return True

    def unlock(self, provider_id: str, owner: str) -> None:
        """Let others ask again."""
        self._write(_UNLOCK, wanted=provider_id, owner=owner)

    def failed(
        self, state: ProviderState, failure: NoToken, *, at: datetime, again_at: datetime
    ) -> None:
        """Note why a request came to nothing, and when the next should be made ahead of need."""
        why = {"version": state.version, "code": failure.code, "facts": failure.facts}
        told = json.dumps(why, ensure_ascii=False)
        self._write(_FAILED, wanted=state.provider_id, failure_=told, at=at, again_at=again_at)

    def _write(self, statement: Any, **values: str | datetime) -> bool:  # noqa: ANN401 -- any DML
        with translated(), self.engine.begin() as connection:
            return bool(connection.execute(statement, values).rowcount)


def token_row(provider_id: str, held: HeldToken) -> RowWrite:
    """Return the row of a provider; whoever holds its lock goes on to."""
    failure = None if held.failure is None else json.dumps(held.failure, ensure_ascii=False)
    values = asdict(held) | {"provider_id": provider_id, "failure": failure}
    return PutRow(table=oauth_tokens, values=values)


def _held(row: Row[Any]) -> HeldToken:
    fields = row._asdict()
    for name in ("provider_id", "locked_by", "locked_until"):
        del fields[name]
    failure = fields.pop("failure")
    return HeldToken(**fields, failure=None if failure is None else json.loads(failure))

"""Tokens as they are recognised and listed; their texts are nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, bindparam, select

from events.access import Role
from events.store.sql.failures import translated
from events.store.sql.lookup import Lookup
from services.config_api.read_model.documents import instant
from services.config_api.read_model.operational_tables import token_uses
from services.config_api.read_model.tables import tokens

_NAMES = tuple(tokens.c.keys())
_BY_HASH = Lookup.of(select(tokens).where(tokens.c.sha256 == bindparam("wanted")))
_BY_ID = Lookup.of(select(tokens).where(tokens.c.id == bindparam("wanted")))
_ALL = (
    select(tokens, token_uses.c.used_at)
    .join(token_uses, token_uses.c.token_id == tokens.c.id, isouter=True)
    .order_by(tokens.c.created_at, tokens.c.id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredToken:
    """A token without its secret; `used_at`, to the minute, is told by the list only."""

    id: str
    name: str
    roles: tuple[Role, ...]
    tenants: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether it may still be used."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def document(self) -> dict[str, Any]:
        """Return it as the list of tokens shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "roles": list(self.roles),
            "tenants": None if self.tenants is None else list(self.tenants),
            "created_at": instant(self.created_at),
            "created_by": self.created_by,
            "expires_at": instant(self.expires_at),
            "revoked_at": instant(self.revoked_at),
            "last_used_at": instant(self.used_at),
        }


def token_of_row(row: Row[Any] | Mapping[str, Any]) -> StoredToken:
    """Return a token from a row of the table `tokens`, or from the values of one."""
    fields = dict(row) if isinstance(row, Mapping) else row._asdict()
    return StoredToken(
        id=fields["id"],
        name=fields["name"],
        roles=tuple(json.loads(fields["roles"])),
        tenants=None if fields["tenants"] is None else tuple(json.loads(fields["tenants"])),
        created_at=fields["created_at"],
        created_by=fields["created_by"],
        expires_at=fields["expires_at"],
        revoked_at=fields["revoked_at"],
        used_at=fields.get("used_at"),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """Reads tokens; raises StoreUnavailable where the database is away."""

    engine: Engine

    def by_hash(self, sha256: str) -> StoredToken | None:
        """Return the token with this hash (hexadecimal)."""
        return self._one(sha256, by_id=False)

    def by_id(self, token_id: str) -> StoredToken | None:
        """Return the token with this id."""
        return self._one(token_id, by_id=True)

    def all(self) -> list[StoredToken]:
        """Return all tokens, oldest first."""
        with translated(), self.engine.connect() as connection:
            return [token_of_row(row) for row in connection.execute(_ALL)]

    def _one(self, wanted: str, *, by_id: bool) -> StoredToken | None:
        found = _BY_ID if by_id else _BY_HASH
        for row in found.rows(self.engine, {"wanted": wanted}):
            return token_of_row(dict(zip(_NAMES, row, strict=True)))
        return None

"""Users as they are recognised and listed; their passwords are elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, bindparam, select

from events.access import Role
from events.store.sql.failures import translated
from services.config_api.read_model.documents import instant
from services.config_api.read_model.tables import users

_BY_NAME = select(users).where(users.c.id == bindparam("wanted"))
_ALL = select(users).order_by(users.c.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredUser:
    """A person who may sign in, or might until `revoked_at`."""

    name: str
    roles: tuple[Role, ...]
    tenants: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None

    def document(self) -> dict[str, Any]:
        """Return it as the list of users shows it."""
        return {
            "name": self.name,
            "roles": list(self.roles),
            "tenants": None if self.tenants is None else list(self.tenants),
            "created_at": instant(self.created_at),
            "created_by": self.created_by,
            "revoked_at": instant(self.revoked_at),
        }


def user_of_row(row: Row[Any] | Mapping[str, Any]) -> StoredUser:
    """Return a user from a row of the table `users`, or from the values of one."""
    fields = dict(row) if isinstance(row, Mapping) else row._asdict()
    return StoredUser(
        name=fields["id"],
        roles=tuple(json.loads(fields["roles"])),
        tenants=None if fields["tenants"] is None else tuple(json.loads(fields["tenants"])),
        created_at=fields["created_at"],
        created_by=fields["created_by"],
        revoked_at=fields["revoked_at"],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredUsers:
    """Reads users; raises StoreUnavailable where the database is away."""

    engine: Engine

    def by_name(self, name: str) -> StoredUser | None:
        """Return the user of this name, revoked or not."""
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_BY_NAME, {"wanted": name}).one_or_none()
        return None if row is None else user_of_row(row)

    def all(self) -> list[StoredUser]:
        """Return all users, by name."""
        with translated(), self.engine.connect() as connection:
            return [user_of_row(row) for row in connection.execute(_ALL)]

    def has_administrator(self) -> bool:
        """Tell whether a user who may sign in is an administrator."""
        return any("admin" in one.roles and one.revoked_at is None for one in self.all())

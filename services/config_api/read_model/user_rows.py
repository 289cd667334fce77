"""From a user's facts to the user's row: the same for every command and every rebuild."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from events.access import UserCreated, UserRevoked
from events.store.port import PutRow, RowWrite
from services.config_api.domain.setting import Recorded
from services.config_api.read_model.tables import users


@dataclass(frozen=True, kw_only=True, slots=True)
class UserState:
    """A user as the stream tells it; `created` is None where there never was one.

    `created_at` is of the last creation: a user that was revoked may be created again.
    """

    name: str
    version: int = 0
    created: UserCreated | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    revoked_at: datetime | None = None

    @property
    def active(self) -> bool:
        """True where the user may sign in."""
        return self.created is not None and self.revoked_at is None


def evolve_user(state: UserState, recorded: Recorded, fact: object) -> UserState:
    """Return the state after one more fact; an unknown one only counts as a version."""
    state = replace(state, version=recorded.version)
    match fact:
        case UserCreated():
            return replace(
                state,
                created=fact,
                created_at=recorded.recorded_at,
                created_by=recorded.actor,
                revoked_at=None,
            )
        case UserRevoked():
            return replace(state, revoked_at=recorded.recorded_at)
        case _:
            return state


def user_row(state: UserState) -> Mapping[str, Any] | None:
    """Return the row of a user, None where there is none."""
    made = state.created
    if made is None:
        return None
    return {
        "id": state.name,
        "version": state.version,
        "roles": json.dumps(made.roles),
        "tenants": None if made.tenants is None else json.dumps(made.tenants),
        "created_at": state.created_at,
        "created_by": state.created_by,
        "revoked_at": state.revoked_at,
    }


def rows_for_user(state: UserState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a user."""
    row = user_row(state)
    return () if row is None else (PutRow(table=users, values=row, newer_by="version"),)

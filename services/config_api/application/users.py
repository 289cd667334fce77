"""People who sign in by password: create, revoke."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from events.access import USER_CATEGORY, Role, UserCreated, UserRevoked
from events.catalogue import Fact, decode
from events.envelope import stream_name
from events.store.port import EventStore, RowWrite, Wakeup
from services.config_api.application.changing import Change, carry_out
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.loading import after
from services.config_api.application.passwords import Passwords, without_password
from services.config_api.application.sessions import without_sessions_of
from services.config_api.domain.errors import UserExists, UserNotFound
from services.config_api.domain.secret import Secret
from services.config_api.domain.user import require_valid
from services.config_api.read_model.user_rows import (
    UserState,
    evolve_user,
    rows_for_user,
    user_row,
)
from services.config_api.read_model.users import user_of_row


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUser:
    """Who is to be a user; `tenants` None means all."""

    name: str
    password: Secret
    roles: Collection[Role]
    tenants: Collection[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Users:
    """Makes and ends users; what is known of a password is its hash."""

    store: EventStore
    passwords: Passwords
    wakeup: Wakeup
    write_rows: WriteRows

    @as_command("users.create")
    def create(self, new: NewUser, ctx: Context) -> Answer:
        """Create a user, or one that was revoked again.

        Raises InvalidUser, UserExists; ValueError for no role.
        """
        password = self._password(new)
        fact = _fact_of(new)

        def change() -> Change:
            before = self._load(new.name)
            if before.active:
                raise UserExists(new.name)
            return _change(before, fact, (password,), ctx)

        return carry_out(self, _stream(new.name), change, ctx)

    @as_command("users.revoke")
    def revoke(self, name: str, ctx: Context) -> Answer:
        """End a user and all its sessions; one that was revoked stays so. Raises UserNotFound."""

        def change() -> Change:
            before = self._load(name)
            if before.created is None:
                raise UserNotFound(name)
            if not before.active:
                return Change(before=before.version, answer=_answer(before))
            ending = (without_password(name), without_sessions_of(name))
            return _change(before, UserRevoked(user=name), ending, ctx)

        return carry_out(self, _stream(name), change, ctx)

    def _password(self, new: NewUser) -> RowWrite:
        if not new.roles:
            raise ValueError("a user needs a role")
        require_valid(new.name, new.password)
        return self.passwords.row(new.name, new.password)

    def _load(self, name: str) -> UserState:
        state = UserState(name=name)
        for event in self.store.read_stream(_stream(name)):
            state = evolve_user(state, event, decode(event))
        return state


def _fact_of(new: NewUser) -> UserCreated:
    return UserCreated(
        user=new.name,
        roles=tuple(sorted(set(new.roles))),
        tenants=None if new.tenants is None else tuple(sorted(set(new.tenants))),
    )


def _change(before: UserState, fact: Fact, rows: Sequence[RowWrite], ctx: Context) -> Change:
    state = after(before, [fact], evolve_user, ctx)
    return Change(
        before=before.version,
        answer=_answer(state),
        facts=[fact],
        rows=[*rows_for_user(state), *rows],
    )


def _stream(name: str) -> str:
    return stream_name(USER_CATEGORY, name)


def _answer(state: UserState) -> Answer:
    row = user_row(state)
    document = None if row is None else user_of_row(row).document()
    return Answer(document=document, version=state.version)

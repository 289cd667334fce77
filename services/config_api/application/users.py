"""People who sign in by password: create, revoke."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from events.access import USER_CATEGORY, Role, UserCreated, UserRevoked
from events.catalogue import Fact, decode, encode
from events.envelope import stream_name
from events.store.port import (
    EventStore,
    Overtaken,
    RowWrite,
    StreamAppend,
    VersionConflict,
    Wakeup,
)
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.loading import Expectant, expected_version
from services.config_api.application.passwords import Passwords, without_password
from services.config_api.application.sessions import without_sessions_of
from services.config_api.application.smtp_settings import TRIES
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
        for _ in range(TRIES):
            state = self._load(new.name)
            if state.active:
                raise UserExists(new.name)
            fact = _fact_of(new)
            after = _after(state, fact, ctx)
            answer = _answer(after)
            kept = ctx.remember(answer)
            try:
                self._append(_append_of(after, fact, (password,)), ctx, kept)
            except VersionConflict:
                continue
            return answer
        raise Overtaken(f"the user {new.name} changes faster than it could be created")

    @as_command("users.revoke")
    def revoke(self, name: str, ctx: Context) -> Answer:
        """End a user and all its sessions; one that was revoked stays so. Raises UserNotFound."""
        for _ in range(TRIES):
            state = self._load(name)
            if state.created is None:
                raise UserNotFound(name)
            if not state.active:
                answer = _answer(state)
                self.write_rows(ctx.remember(answer))
                return answer
            fact = UserRevoked(user=name)
            after = _after(state, fact, ctx)
            ending = (without_password(name), without_sessions_of(name))
            answer = _answer(after)
            kept = ctx.remember(answer)
            try:
                self._append(_append_of(after, fact, ending), ctx, kept)
            except VersionConflict:
                continue
            return answer
        raise Overtaken(f"the user {name} changes faster than it could be revoked")

    def _password(self, new: NewUser) -> RowWrite:
        if not new.roles:
            raise ValueError("a user needs a role")
        require_valid(new.name, new.password)
        return self.passwords.row(new.name, new.password)

    def _load(self, name: str) -> UserState:
        state = UserState(name=name)
        for event in self.store.read_stream(stream_name(USER_CATEGORY, name)):
            state = evolve_user(state, event, decode(event))
        return state

    def _append(self, append: StreamAppend, ctx: Context, kept: Sequence[RowWrite]) -> None:
        whole = replace(append, rows=[*append.rows, *kept])
        self.store.append([whole], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()


def _fact_of(new: NewUser) -> UserCreated:
    return UserCreated(
        user=new.name,
        roles=tuple(sorted(set(new.roles))),
        tenants=None if new.tenants is None else tuple(sorted(set(new.tenants))),
    )


def _append_of(after: UserState, fact: Fact, rows: Sequence[RowWrite]) -> StreamAppend:
    return StreamAppend(
        stream=stream_name(USER_CATEGORY, after.name),
        expected=expected_version(after.version - 1),
        events=[encode(fact, tenant=None)],
        rows=[*rows_for_user(after), *rows],
    )


def _after(state: UserState, fact: Fact, ctx: Context) -> UserState:
    recorded = Expectant(version=state.version + 1, recorded_at=ctx.at, actor=ctx.cause.actor)
    return evolve_user(state, recorded, fact)


def _answer(state: UserState) -> Answer:
    row = user_row(state)
    document = None if row is None else user_of_row(row).document()
    return Answer(document=document, version=state.version)

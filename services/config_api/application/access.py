"""Who may use the service: tokens, sign-in links and sessions."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.access import (
    SESSION_CATEGORY,
    Role,
    SignedIn,
    TokenCreated,
    TokenRevoked,
)
from events.catalogue import encode
from events.envelope import new_id, stream_name
from events.store.port import (
    EventStore,
    Expected,
    StreamAppend,
    VersionConflict,
    Wakeup,
)
from services.config_api.application.changing import Change, carry_out
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Clock, Context, WriteRows
from services.config_api.application.entering import (
    FIRST_USER,
    Entered,
    Entering,
    Session,
    Standing,
    session_of,
    standing_of_link,
    standing_of_provided,
    standing_of_token,
    standing_of_user,
)
from services.config_api.application.sessions import (
    LINK_LIMIT,
    SEEN_EVERY,
    Sessions,
    StoredLink,
    StoredSession,
    link_row,
    session_row,
)
from services.config_api.application.token_states import load_token, token_change, token_stream
from services.config_api.application.token_text import hashed, is_well_formed, new_token
from services.config_api.application.token_uses import TokenUses
from services.config_api.domain.errors import TokenNotFound
from services.config_api.domain.principal import Principal
from services.config_api.domain.secret import Secret
from services.config_api.read_model.documents import instant
from services.config_api.read_model.projections import TokenState
from services.config_api.read_model.tokens import StoredToken, Tokens
from services.config_api.read_model.users import StoredUsers

_RANDOM_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInLink:
    """The one-use secret of the first sign-in; the page is `/sign-in?link=<secret>`."""

    secret: Secret
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Makes, recognises and ends tokens and sessions; their secrets are stored hashed only."""

    store: EventStore
    tokens: Tokens
    users: StoredUsers
    sessions: Sessions
    uses: TokenUses
    wakeup: Wakeup
    clock: Clock
    write_rows: WriteRows
    #: The OpenID provider whose people may be signed in.
    issuer: str | None = None

    @as_command("tokens.create")
    def create_token(
        self,
        *,
        name: str,
        roles: Collection[Role],
        tenants: Collection[str] | None,
        days: int | None,
        ctx: Context,
    ) -> tuple[Answer, Secret]:
        """Issue a token for `days` (None: without end); the document shows its text, as `token`.

        Raises ValueError for no role or less than a day.
        """
        if not roles or (days is not None and days < 1):
            raise ValueError("a token needs a role, and a day at least")
        secret = new_token()
        token_id = new_id()
        fact = TokenCreated(
            token_id=token_id,
            name=name,
            roles=tuple(sorted(roles)),
            tenants=None if tenants is None else tuple(sorted(tenants)),
            sha256=hashed(secret.reveal()),
            expires_at=None if days is None else instant(ctx.at + timedelta(days=days)),
        )

        def change() -> Change:
            made = token_change(TokenState(token_id=token_id), [fact], ctx)
            shown = {**(made.answer.document or {}), "token": secret.reveal()}
            return replace(made, answer=replace(made.answer, document=shown))

        answer = carry_out(self, token_stream(token_id), change, ctx)
        return answer, secret

    @as_command("tokens.revoke")
    def revoke_token(self, token_id: str, ctx: Context) -> Answer:
        """End a token; one that was revoked already stays so. Raises TokenNotFound."""

        def change() -> Change:
            before = load_token(self.store, token_id)
            if before.created is None:
                raise TokenNotFound(token_id)
            if before.revoked_at is not None:
                return token_change(before, (), ctx)
            return token_change(before, [TokenRevoked(token_id=token_id)], ctx)

        return carry_out(self, token_stream(token_id), change, ctx)

    def principal_of_token(self, text: str) -> Principal | None:
        """Return whom a bearer token stands for; None if unknown, malformed, expired, revoked."""
        token = self.token_of(text)
        if token is None:
            return None
        self.uses.note(token.id, self.clock())
        return standing_of_token(token).principal

    def make_sign_in_link(self) -> SignInLink | None:
        """Return a new link for the first administrator; None once there is one."""
        if self.sessions.somebody_came() or self.users.has_administrator():
            return None
        secret = Secret(randomness.token_urlsafe(_RANDOM_BYTES))
        expires_at = self.clock() + LINK_LIMIT
        row = link_row(hashed(secret.reveal()), FIRST_USER, expires_at=expires_at, used_at=None)
        self.write_rows([row])
        return SignInLink(secret=secret, expires_at=expires_at)

    def sign_in(self, link: str, ctx: Context) -> Entered | None:
        """Use a link up; returns the session and the cookie's value, None if it does not hold."""
        found, sha256 = self._link(link), hashed(link)
        if found is None:
            return None
        used = link_row(sha256, found.user, expires_at=found.expires_at, used_at=ctx.at)
        entering = Entering(
            standing=standing_of_link(found.user),
            way="link",
            holds_by="link",
            # One stream a link: of two who use it at once, the store lets one in.
            session_id=sha256,
            rows=(used,),
        )
        try:
            return self.enter(entering, ctx)
        except VersionConflict:
            return None

    def sign_in_with_token(self, text: str, ctx: Context) -> Entered | None:
        """Begin a session that ends with the token at the latest; None if it does not hold."""
        token = self.token_of(text)
        if token is None or not standing_of_token(token).principal.may("reader"):
            return None
        entering = Entering(
            standing=standing_of_token(token),
            way="token",
            holds_by="token",
            session_id=new_id(),
            token_id=token.id,
        )
        return self.enter(entering, ctx)

    def enter(self, entering: Entering, ctx: Context) -> Entered:
        """Begin a session; raises VersionConflict where its stream is there already."""
        cookie = Secret(randomness.token_urlsafe(_RANDOM_BYTES))
        actor = entering.standing.principal.actor
        user, provided = actor.partition(":")[2], entering.provided
        stored = StoredSession(
            user=user if provided is None else actor,
            holds_by=entering.holds_by,
            token_id=entering.token_id,
            created_at=ctx.at,
            seen_at=ctx.at,
            provided=provided,
        )
        fact = SignedIn(
            user=user,
            way=entering.way,
            roles=None if provided is None else provided.roles,
            name=None if provided is None else provided.name,
        )
        append = StreamAppend(
            stream=stream_name(SESSION_CATEGORY, entering.session_id),
            expected=Expected.NO_STREAM,
            events=[encode(fact, tenant=None)],
            rows=[*entering.rows, session_row(hashed(cookie.reveal()), stored)],
        )
        cause = replace(ctx.cause, actor=actor)
        self.store.append([append], cause=cause, at=ctx.at)
        self.wakeup.signal()
        return session_of(stored, entering.standing, cookie.reveal()), cookie

    def principal_of_session(self, cookie: str) -> Session | None:
        """Return the session of a cookie and note that it is in use; None if it has ended."""
        sha256, at = hashed(cookie), self.clock()
        stored = self.sessions.find(sha256)
        if stored is None or stored.ends_at <= at:
            return None
        standing = self._standing(stored, at)
        if standing is None:
            return None
        if at - stored.seen_at >= SEEN_EVERY:
            self.sessions.seen(sha256, at)
            stored = replace(stored, seen_at=at)
        return session_of(stored, standing, cookie)

    def sign_out(self, cookie: str) -> None:
        """End a session; an unknown one is none."""
        self.sessions.end(hashed(cookie))

    def _standing(self, stored: StoredSession, at: datetime) -> Standing | None:
        """Return as whom a session acts; None where what it hangs on holds no more."""
        if stored.holds_by == "token":
            token = self.tokens.by_id(stored.token_id or "")
            return standing_of_token(token) if token is not None and token.holds(at) else None
        if stored.holds_by == "link":
            return standing_of_link(stored.user)
        if stored.provided is not None:
            own = stored.provided.issuer == self.issuer
            return standing_of_provided(stored.user, stored.provided) if own else None
        user = self.users.by_name(stored.user)
        # A sign-in may commit just after its user was revoked, and the user be created again.
        if user is None or user.revoked_at is not None or user.created_at > stored.created_at:
            return None
        return standing_of_user(user)

    def _link(self, link: str) -> StoredLink | None:
        found = self.sessions.link(hashed(link))
        if found is None or found.used_at is not None or found.expires_at <= self.clock():
            return None
        return found

    def token_of(self, text: str) -> StoredToken | None:
        """Return the token of a text if it holds."""
        if not is_well_formed(text):
            return None
        token = self.tokens.by_hash(hashed(text))
        return token if token is not None and token.holds(self.clock()) else None

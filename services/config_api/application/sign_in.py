"""The ways into the web client; whoever fails is counted and recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from events.access import SESSION_CATEGORY, SignInFailed, Way
from events.catalogue import encode
from events.envelope import new_id, stream_name
from events.store.port import EventStore, Expected, StreamAppend, Wakeup
from services.config_api.application.access import Access
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.application.entering import Entered, Entering, standing_of_user
from services.config_api.application.openid_attempts import OpenIdAttempts
from services.config_api.application.passwords import Passwords
from services.config_api.application.sign_in_tries import SignInTries
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_id import is_setting_id


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """Lets people in; each method answers None to whoever may not, and raises TooManyTries."""

    store: EventStore
    wakeup: Wakeup
    access: Access
    passwords: Passwords
    tries: SignInTries
    openid_attempts: OpenIdAttempts

    @as_command("sign_in.by_password")
    def by_password(self, name: str, password: Secret, ctx: Context) -> Entered | None:
        """Sign a user in; an unknown name takes as long as a wrong password."""
        known = name if is_setting_id(name) else ""
        return self._tried(
            lambda: self._with_password(known, password, ctx), ctx, way="password", user=name
        )

    @as_command("sign_in.by_token")
    def by_token(self, text: str, ctx: Context) -> Entered | None:
        """Sign in with an access token, for as long as it holds."""
        return self._tried(lambda: self.access.sign_in_with_token(text, ctx), ctx, way="token")

    @as_command("sign_in.by_link")
    def by_link(self, link: str, ctx: Context) -> Entered | None:
        """Use the first administrator's link up."""
        return self._tried(lambda: self.access.sign_in(link, ctx), ctx, way="link")

    def _with_password(self, name: str, password: Secret, ctx: Context) -> Entered | None:
        fits = self.passwords.fits(name, password)
        user = self.access.users.by_name(name)
        if not fits or user is None or user.revoked_at is not None:
            return None
        entering = Entering(
            standing=standing_of_user(user), way="password", holds_by="user", session_id=new_id()
        )
        return self.access.enter(entering, ctx)

    def _tried(
        self,
        enter: Callable[[], Entered | None],
        ctx: Context,
        *,
        way: Way,
        user: str | None = None,
    ) -> Entered | None:
        try_id = self.tries.begin(user, ctx.cause.source_ip, ctx.at)
        entered = enter()
        if entered is None:
            known = user is not None and is_setting_id(user) and self.access.users.by_name(user)
            self.record_failure(user if known else None, way, ctx)
        else:
            self.tries.end(try_id)
        return entered

    def record_failure(self, user: str | None, way: Way, ctx: Context) -> None:
        """Record that somebody tried in vain; `user` only where somebody has that name."""
        fact = SignInFailed(user=user, way=way)
        append = StreamAppend(
            stream=stream_name(SESSION_CATEGORY, new_id()),
            expected=Expected.NO_STREAM,
            events=[encode(fact, tenant=None)],
        )
        self.store.append([append], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()

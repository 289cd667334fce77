"""Sign-in by an OpenID provider: begun in a browser, finished by the same one, once."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from events.envelope import new_id
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Context
from services.config_api.application.entering import (
    Entered,
    Entering,
    actor_of_subject,
    standing_of_provided,
)
from services.config_api.application.openid_attempts import VALID_FOR
from services.config_api.application.sessions import Provided
from services.config_api.application.sign_in import SignIn
from services.config_api.domain.role_rules import roles_of
from services.config_api.domain.secret import Secret
from services.config_api.openid.attempt import Attempt, attempt_of, new_attempt_secret
from services.config_api.openid.errors import NoRole, SignInRefused, UnknownAttempt
from services.config_api.openid.provider import Answered, Provider

_NAMES: Final = ("preferred_username", "email", "name")
_LONGEST_NAME: Final = 100

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """Where to send the browser, and the cookie that makes the way back its own."""

    url: str
    cookie: Secret
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenIdSignIn:
    """Lets people in whom the provider knows and to whom a rule gives a role."""

    provider: Provider
    sign_in: SignIn

    @property
    def host(self) -> str:
        """The provider's name on the sign-in page."""
        return self.provider.settings.host

    def begin(self, ctx: Context) -> Begun:
        """Begin an attempt, which counts as a try until somebody came in by it.

        Raises TooManyTries; SignInRefused where the provider is away or none.
        """
        try_id = self.sign_in.tries.begin(None, ctx.cause.source_ip, ctx.at)
        cookie = new_attempt_secret()
        attempt = attempt_of(cookie)
        try:
            url = self.provider.authorization_url(attempt)
        except SignInRefused as refused:
            self._record(refused, ctx)
            raise
        self.sign_in.openid_attempts.begin(attempt.state, try_id, ctx.at)
        return Begun(url=url, cookie=cookie, ends_at=ctx.at + VALID_FOR)

    @as_command("openid_sign_in.finish")
    def finish(self, cookie: str | None, answered: Answered, ctx: Context) -> Entered:
        """Let in who came back; raises TooManyTries, SignInRefused."""
        attempt = None if cookie is None else attempt_of(Secret(cookie))
        try_id = self._used(attempt, answered.state, ctx.at)
        try:
            if attempt is None or try_id is None:
                self.sign_in.tries.begin(None, ctx.cause.source_ip, ctx.at)
                raise UnknownAttempt("not begun in this browser, too old, or used already")
            entering = self._entering(self.provider.claims(answered, attempt, ctx.at))
        except SignInRefused as refused:
            self._record(refused, ctx)
            raise
        entered = self.sign_in.access.enter(entering, ctx)
        self.sign_in.tries.end(try_id)
        return entered

    def _used(self, attempt: Attempt | None, state: str | None, at: datetime) -> str | None:
        """Use the attempt up that this browser began; None where the state is not its own."""
        if attempt is None or state is None:
            return None
        if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "surrogatepass")):
            return None
        return self.sign_in.openid_attempts.use(attempt.state, at)

    def _entering(self, claims: Mapping[str, Any]) -> Entering:
        settings = self.provider.settings
        roles = roles_of(settings.rules, claims)
        if not roles:
            raise NoRole(claims["sub"], sorted({rule.claim for rule in settings.rules}))
        provided = Provided(
            issuer=settings.issuer, roles=tuple(sorted(roles)), name=_name_in(claims)
        )
        return Entering(
            standing=standing_of_provided(actor_of_subject(claims["sub"]), provided),
            way="openid",
            holds_by="openid",
            session_id=new_id(),
            provided=provided,
        )

    def _record(self, refused: SignInRefused, ctx: Context) -> None:
        _log.warning(
            "sign-in by the provider failed",
            kind=type(refused).__name__,
            reason=refused.reason,
            source_ip=ctx.cause.source_ip,
            trace_id=ctx.cause.correlation_id,
        )
        self.sign_in.record_failure(refused.user, "openid", ctx)


def _name_in(claims: Mapping[str, Any]) -> str | None:
    """Return what people call the person, None where the provider does not say."""
    for claim in _NAMES:
        found = claims.get(claim)
        if isinstance(found, str) and found and found.isprintable():
            return found[:_LONGEST_NAME]
    return None

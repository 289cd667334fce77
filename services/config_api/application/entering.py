"""What a person who comes in gets: a session that hangs on a token, a user, or the first link."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from events.access import Role, Way
from events.store.port import RowWrite
from services.config_api.application.sessions import HoldsBy, Provided, StoredSession
from services.config_api.domain.principal import Principal
from services.config_api.domain.secret import Secret
from services.config_api.read_model.tokens import StoredToken
from services.config_api.read_model.users import StoredUser

FIRST_USER = "admin"
FIRST_ROLES: frozenset[Role] = frozenset({"admin"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A person who is signed in, at most until `lasts_until`."""

    principal: Principal
    csrf_token: str
    lasts_until: datetime
    #: What to call the person where the actor does not say it.
    name: str | None = None


#: A new session and the value of its cookie.
Entered = tuple[Session, Secret]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """As whom a session acts, and until when at the latest; None where only its limits end it."""

    principal: Principal
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entering:
    """How somebody comes in; `rows` are written together with the session."""

    standing: Standing
    way: Way
    holds_by: HoldsBy
    session_id: str
    token_id: str | None = None
    provided: Provided | None = None
    rows: Sequence[RowWrite] = ()


def standing_of_token(token: StoredToken) -> Standing:
    """Return as whom a token acts."""
    tenants = None if token.tenants is None else frozenset(token.tenants)
    principal = Principal(actor=f"token:{token.id}", roles=frozenset(token.roles), tenants=tenants)
    return Standing(principal=principal, until=token.expires_at)


def standing_of_user(user: StoredUser) -> Standing:
    """Return as whom a user acts."""
    tenants = None if user.tenants is None else frozenset(user.tenants)
    principal = Principal(actor=f"user:{user.name}", roles=frozenset(user.roles), tenants=tenants)
    return Standing(principal=principal)


def standing_of_link(user: str) -> Standing:
    """Return as whom the one acts who came by the link."""
    return Standing(principal=Principal(actor=f"user:{user}", roles=FIRST_ROLES))


def actor_of_subject(subject: str) -> str:
    """Return the actor that an OpenID provider's subject is; no user's and no token's is like it.

    The subject is what the provider promises never to give to somebody else; names change hands.
    """
    return f"openid:{subject}"


def standing_of_provided(actor: str, provided: Provided) -> Standing:
    """Return as whom a person of an OpenID provider acts: with the roles of the sign-in."""
    return Standing(principal=Principal(actor=actor, roles=frozenset(provided.roles)))


def session_of(stored: StoredSession, standing: Standing, cookie: str) -> Session:
    """Return a session as its request sees it."""
    return Session(
        principal=standing.principal,
        # Derived, not stored: whoever reads the table cannot act for anybody.
        csrf_token=hmac.new(cookie.encode(), b"relaybook csrf", "sha256").hexdigest(),
        lasts_until=min(stored.lasts_until, standing.until or stored.lasts_until),
        name=None if stored.provided is None else stored.provided.name,
    )

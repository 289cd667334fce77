"""Facts about who may use the service, who came in and who read a secret.

Streams `token-<id>`, `user-<name>`, `session-<id>`, `denial-<id>` and, for secrets,
`access-<tenant>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

TOKEN_CATEGORY = "token"  # noqa: S105 -- the name of a stream, not a secret
USER_CATEGORY = "user"
SESSION_CATEGORY = "session"
DENIAL_CATEGORY = "denial"
ACCESS_CATEGORY = "access"

Role = Literal["admin", "operator", "reader", "credentials", "auditor", "tester"]

#: How a person came in: the one-time link, an access token, user and password, or the word of an
#: OpenID provider.
Way = Literal["link", "token", "password", "openid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenCreated:
    """A bearer token was issued.

    `sha256` is the hash of its 256 random bits, hexadecimal: enough to recognise the token, not to
    use it. `tenants` limits it; None means all. `expires_at` is RFC 3339 or None.
    """

    TYPE: ClassVar[str] = "access.token_created"
    SCHEMA_VERSION: ClassVar[int] = 1

    token_id: str
    name: str
    roles: tuple[Role, ...]
    tenants: tuple[str, ...] | None
    sha256: str
    expires_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRevoked:
    """A bearer token ended before its time."""

    TYPE: ClassVar[str] = "access.token_revoked"
    SCHEMA_VERSION: ClassVar[int] = 1

    token_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A person entered the web client; `way` says how.

    `user` is a name, a token's id, or the subject that an OpenID provider knows the person by. Only
    for the last are `roles` told, which nothing else in the log says, and the `name` that the
    provider gives the person, None where it gives none.
    """

    TYPE: ClassVar[str] = "access.signed_in"
    SCHEMA_VERSION: ClassVar[int] = 2

    user: str
    way: Way
    roles: tuple[Role, ...] | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInFailed:
    """Somebody tried to enter the web client in vain.

    `user` is None for a name that nobody has: a password that was typed into the wrong field must
    not stay in the log. An OpenID provider's subject stands here where its ID token held.
    """

    TYPE: ClassVar[str] = "access.sign_in_failed"
    SCHEMA_VERSION: ClassVar[int] = 1

    user: str | None
    way: Way


@dataclass(frozen=True, kw_only=True, slots=True)
class UserCreated:
    """A person may sign in by password from now on; also one whose user had been revoked.

    Neither the password nor its hash is told. `tenants` limits the user; None means all.
    """

    TYPE: ClassVar[str] = "access.user_created"
    SCHEMA_VERSION: ClassVar[int] = 1

    user: str
    roles: tuple[Role, ...]
    tenants: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRevoked:
    """A person may sign in no more; the sessions of this user ended with it."""

    TYPE: ClassVar[str] = "access.user_revoked"
    SCHEMA_VERSION: ClassVar[int] = 1

    user: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessDenied:
    """A known principal, the event's actor, was refused; at most one a route and minute is told.

    `method` and `path` are those of the HTTP request, without its query.
    """

    TYPE: ClassVar[str] = "access.denied"
    SCHEMA_VERSION: ClassVar[int] = 1

    method: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialsRead:
    """The secrets of a setting were answered to somebody; written before the answer.

    `setting_id` is the tenant, `resolved_from` and `setting_version` name the setting in force.
    `export_id` is the export that held them, None where they were asked for alone.
    """

    TYPE: ClassVar[str] = "access.credentials_read"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    resolved_from: str
    setting_version: int
    export_id: str | None


AccessEvent = (
    TokenCreated
    | TokenRevoked
    | UserCreated
    | UserRevoked
    | SignedIn
    | SignInFailed
    | AccessDenied
    | CredentialsRead
)

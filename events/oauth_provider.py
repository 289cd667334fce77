"""Facts about an OAuth provider, which issues access tokens; stream `oauth_provider-<id>`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from events.smtp_setting import SecretRef

CATEGORY: Final = "oauth_provider"

Grant = Literal["client_credentials", "authorization_code", "refresh_token", "jwt_bearer"]
Preset = Literal["microsoft365", "google"]
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 -- the name of a secret field, not a secret
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105 -- the same
PRIVATE_KEY: Final = "private_key"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderValues:
    """The whole content of a provider at one version, without its secrets.

    `mail_hosts` are the hosts, in the form of a setting's, for whose settings it issues tokens.
    `extra` are further parameters of its requests. `secrets` names the sealed values by field:
    `client_secret`, `refresh_token`, `private_key`.
    """

    name: str
    grant: Grant
    token_url: str
    client_id: str
    preset: Preset | None = None
    authorize_url: str | None = None
    key_id: str | None = None
    subject: str | None = None
    audience: str | None = None
    scopes: tuple[str, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, SecretRef] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthProviderRegistered:
    """A provider was registered (also again, after a deletion)."""

    TYPE: ClassVar[str] = "oauth_provider.registered"
    SCHEMA_VERSION: ClassVar[int] = 1

    provider_id: str
    values: ProviderValues


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthProviderUpdated:
    """A provider was changed; `values` is the whole provider after the change."""

    TYPE: ClassVar[str] = "oauth_provider.updated"
    SCHEMA_VERSION: ClassVar[int] = 1

    provider_id: str
    values: ProviderValues


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthProviderDeleted:
    """A provider was deleted."""

    TYPE: ClassVar[str] = "oauth_provider.deleted"
    SCHEMA_VERSION: ClassVar[int] = 1

    provider_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthProviderGranted:
    """Somebody consented in the browser; the refresh token that came of it is sealed.

    `scope` is what was granted, where the provider said so.
    """

    TYPE: ClassVar[str] = "oauth_provider.granted"
    SCHEMA_VERSION: ClassVar[int] = 1

    provider_id: str
    secret: SecretRef
    scope: str | None


OAuthProviderEvent = (
    OAuthProviderRegistered | OAuthProviderUpdated | OAuthProviderDeleted | OAuthProviderGranted
)

"""Facts about the SMTP setting of one tenant; stream `smtp_setting-<tenant>`."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct, field

CATEGORY = "smtp_setting"

Security = Literal["none", "starttls", "implicit_tls"]
AuthMethod = Literal["none", "password", "access_token"]
SecretState = Literal["none", "stored", "required"]
PASSWORD = "password"  # noqa: S105 -- the name of a secret field, not a secret


class SecretRef(Struct, frozen=True, kw_only=True):
    """Names one sealed value; the value itself never travels with an event."""

    id: str
    version: int


class Auth(Struct, frozen=True, kw_only=True):
    """How a sending service signs in; `mechanism` None means the best one offered."""

    method: AuthMethod = "none"
    user: str | None = None
    mechanism: str | None = None
    provider_id: str | None = None


class SettingValues(Struct, frozen=True, kw_only=True):
    """The whole content of a setting at one version, without its secrets.

    `host` is the lower-case A-label or an IP literal, `host_unicode` what was typed. Timeouts are
    milliseconds, None means no limit of its own. `session_properties` holds the values that are
    not secret; `secrets` names the sealed values by field: `password`, or the name of a session
    property that ends in `password`. `secret` is `required` after a change of destination dropped
    the stored secret.
    """

    host: str
    host_unicode: str
    port: int
    security: Security = "starttls"
    tls_protocols: tuple[str, ...] = ()
    ca_pem: str | None = None
    auth: Auth = field(default_factory=Auth)
    x_mailer: str | None = None
    debug: bool = False
    connection_timeout_ms: int | None = 60_000
    timeout_ms: int | None = 60_000
    session_properties: dict[str, str] = field(default_factory=dict)
    secret: SecretState = "none"  # noqa: S105 -- a state, not a secret
    secrets: dict[str, SecretRef] = field(default_factory=dict)


class SettingRegistered(Struct, frozen=True, kw_only=True):
    """An administrator registered a setting (also again, after a deletion)."""

    TYPE: ClassVar[str] = "smtp_setting.registered"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    values: SettingValues


class SettingUpdated(Struct, frozen=True, kw_only=True):
    """An administrator changed a setting; `values` is the whole setting after the change."""

    TYPE: ClassVar[str] = "smtp_setting.updated"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    values: SettingValues


class SettingImported(Struct, frozen=True, kw_only=True):
    """An import created or overwrote a setting; `values` is the whole setting after it."""

    TYPE: ClassVar[str] = "smtp_setting.imported"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    import_id: str
    values: SettingValues


class SettingDeleted(Struct, frozen=True, kw_only=True):
    """An administrator deleted a setting."""

    TYPE: ClassVar[str] = "smtp_setting.deleted"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str


class SettingRestored(Struct, frozen=True, kw_only=True):
    """An administrator brought back the values of an earlier version, also after a deletion.

    `values` is the whole setting after it; its secrets are those of `restored_version`, unless a
    new one was given.
    """

    TYPE: ClassVar[str] = "smtp_setting.restored"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    restored_version: int
    values: SettingValues


class DefaultProvisioned(Struct, frozen=True, kw_only=True):
    """The deployment's defaults file holds this setting, and no administrator has one."""

    TYPE: ClassVar[str] = "smtp_setting.default_provisioned"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str
    values: SettingValues


class DefaultWithdrawn(Struct, frozen=True, kw_only=True):
    """The deployment's defaults file no longer holds this default."""

    TYPE: ClassVar[str] = "smtp_setting.default_withdrawn"
    SCHEMA_VERSION: ClassVar[int] = 1

    setting_id: str


SettingEvent = (
    SettingRegistered
    | SettingUpdated
    | SettingImported
    | SettingDeleted
    | SettingRestored
    | DefaultProvisioned
    | DefaultWithdrawn
)

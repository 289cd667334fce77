"""What a sending program has to do under a setting, its session properties taken into account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from events.smtp_setting import PASSWORD, AuthMethod, Security, SettingValues
from services.config_api.domain import jakarta_mail
from services.config_api.domain.effective import EffectiveProperty, effective_properties
from services.config_api.rendering.overriding import Overriding

Transport = Literal["none", "opportunistic", "starttls", "implicit_tls"]
OAUTH: Final = frozenset({"XOAUTH2", "OAUTHBEARER"})
#: What a sending holds of the session properties, whatever its target.
_HELD: Final = frozenset(
    {
        *("host", "port", "user", "connectiontimeout", "timeout", "auth", "auth.mechanisms"),
        *("ssl.enable", "ssl.protocols", "starttls.enable", "starttls.required"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """A setting as a sending program needs it.

    `host` is an A-label or an IP literal. Time limits are milliseconds, None means none of its own.
    `method` is `access_token` also where the password is one. `mechanisms` are upper-case, none
    means the best one offered. `ehlo_name` and `local_address` are as the administrator wrote them.
    """

    setting_id: str
    version: int
    host: str
    port: int
    transport: Transport
    tls_protocols: tuple[str, ...]
    ca_pem: str | None
    method: AuthMethod
    user: str | None
    mechanisms: tuple[str, ...]
    connection_timeout_ms: int | None
    timeout_ms: int | None
    ehlo_name: str | None
    local_address: str | None
    x_mailer: str | None
    debug: bool
    properties: Mapping[str, EffectiveProperty]
    secret_properties: tuple[str, ...]
    unheeded: frozenset[str]

    @property
    def prefix(self) -> str:
        """What the properties in force begin with: `mail.smtp.` or `mail.smtps.`."""
        return prefix_of(self.properties)

    def left_over(self, *held: str) -> tuple[str, ...]:
        """Return the administrator's properties that a target leaves out, which holds `held`."""
        known = {self.prefix + name for name in (_HELD - self.unheeded).union(held)}
        known.add(jakarta_mail.PROTOCOL)
        own = (name for name, one in self.properties.items() if one["source"] == "setting")
        return (*(name for name in own if name not in known), *self.secret_properties)


def prefix_of(properties: Mapping[str, EffectiveProperty]) -> str:
    """Return the prefix that is read under properties in force."""
    return jakarta_mail.prefix_in_force({name: one["value"] for name, one in properties.items()})


def sending_of(setting_id: str, version: int, values: SettingValues) -> Sending:
    """Return what sending under a version of a setting takes.

    A session property wins over the field that it repeats, as in Jakarta Mail. One whose value no
    program could use stays without effect and is `unheeded`.
    """
    properties = effective_properties(values)
    own = Overriding.read(prefix_of(properties), values)
    mechanisms = own.mechanisms
    token = bool(mechanisms) and OAUTH.issuperset(mechanisms)
    method = "access_token" if values.auth.method == "password" and token else values.auth.method
    return Sending(
        setting_id=setting_id,
        version=version,
        host=own.host,
        port=own.port,
        transport=_transport(values.security, own),
        tls_protocols=own.tls_protocols,
        ca_pem=values.ca_pem,
        method=method,
        user=own.text("user") or values.auth.user,
        mechanisms=mechanisms,
        connection_timeout_ms=own.limit("connectiontimeout", values.connection_timeout_ms),
        timeout_ms=own.limit("timeout", values.timeout_ms),
        ehlo_name=own.text("localhost"),
        local_address=own.text("localaddress"),
        x_mailer=values.x_mailer,
        debug=values.debug,
        properties=properties,
        secret_properties=tuple(name for name in values.secrets if name != PASSWORD),
        unheeded=own.unheeded(),
    )


def _transport(security: Security, own: Overriding) -> Transport:
    if security != "none":
        return security
    if own.flag("starttls.required"):
        return "starttls"
    return "opportunistic" if own.flag("starttls.enable") else "none"

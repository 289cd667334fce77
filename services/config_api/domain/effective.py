"""The session properties in force: those that follow from a setting, and the administrator's."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from events.smtp_setting import SettingValues
from services.config_api.domain.jakarta_mail import PROTOCOL, prefix_in_force
from services.config_api.domain.session_properties import overrides

_PROXIES: Final = frozenset({"proxy.host", "socks.host"})
_TRUST: Final = frozenset({"ssl.trust", "ssl.checkserveridentity"})


class EffectiveProperty(TypedDict):
    """A session property in force and where it comes from."""

    value: str
    source: Literal["derived", "setting"]


def effective_properties(values: SettingValues) -> dict[str, EffectiveProperty]:
    """Return every session property in force by name; the administrator's value wins.

    Secret properties are not among them, nor flags of the transport security that Java would
    ignore: what it takes instead could be weaker than the setting. The protocol is `smtp` also for
    implicit TLS, unless the administrator says `smtps`.
    """
    prefix = prefix_in_force(values.session_properties)
    in_force: dict[str, EffectiveProperty] = {
        PROTOCOL: {"value": "smtp", "source": "derived"},
    }
    for name, value in _derived(values).items():
        in_force[prefix + name] = {"value": value, "source": "derived"}
    for name, value in values.session_properties.items():
        if overrides(name, value, prefix):
            in_force[name] = {"value": value, "source": "setting"}
    return in_force


def mail_hosts(values: SettingValues) -> tuple[str, ...]:
    """Return the hosts that senders may connect to: a session property may name another one."""
    prefix = prefix_in_force(values.session_properties)
    named = values.session_properties.get(prefix + "host")
    return (values.host,) if named in (None, "", values.host) else (values.host, named)


def token_hosts(values: SettingValues) -> tuple[str, ...]:
    """Return the hosts that could read an access token which is sent by a setting.

    TLS hides it from a proxy, unless there is none or the setting itself says whom to trust: then
    the proxy could pose as the mail server.
    """
    prefix = prefix_in_force(values.session_properties)
    told = {name: values.session_properties.get(prefix + name, "") for name in _TRUST | _PROXIES}
    checked = told["ssl.checkserveridentity"].lower() != "false" and not told["ssl.trust"]
    if values.security != "none" and values.ca_pem is None and checked:
        return mail_hosts(values)
    return (*mail_hosts(values), *(told[name] for name in sorted(_PROXIES) if told[name]))


def _derived(values: SettingValues) -> dict[str, str]:
    """Return what follows from the fields, without prefix; what has no value is left out."""
    auth = values.auth
    mechanism = auth.mechanism or ("XOAUTH2" if auth.method == "access_token" else None)
    starttls = _flag(values.security == "starttls")
    derived = {
        "host": values.host,
        "port": str(values.port),
        "auth": _flag(auth.method != "none"),
        "user": auth.user,
        "connectiontimeout": _number(values.connection_timeout_ms),
        "timeout": _number(values.timeout_ms),
        "starttls.enable": starttls,
        "starttls.required": starttls,
        "ssl.enable": _flag(values.security == "implicit_tls"),
        "ssl.protocols": " ".join(values.tls_protocols) or None,
        "auth.mechanisms": mechanism,
    }
    return {name: value for name, value in derived.items() if value is not None}


def _flag(value: bool) -> str:  # noqa: FBT001 -- what it writes is a boolean
    return "true" if value else "false"


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)

"""Session properties that repeat a field of the setting, read as Jakarta Mail reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from events.smtp_setting import SettingValues
from services.config_api.domain.host import MAX_PORT, HostRefused, read_host
from services.config_api.domain.jakarta_mail import read_flag, read_int
from services.config_api.domain.setting_fields import TLS_PROTOCOLS

_SMTP: Final = 25
_SMTPS: Final = 465
_MECHANISM: Final = re.compile(r"[A-Z0-9_-]{1,20}")  # RFC 4422, section 3.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Overriding:
    """The administrator's properties without their prefix, over the fields of the setting."""

    given: Mapping[str, str]
    values: SettingValues

    @classmethod
    def read(cls, prefix: str, values: SettingValues) -> Overriding:
        """Take the properties that are in force."""
        own = values.session_properties.items()
        given = {name.removeprefix(prefix): text for name, text in own if name.startswith(prefix)}
        return cls(given=given, values=values)

    def text(self, name: str) -> str | None:
        """Return a property that is not empty."""
        return self.given.get(name) or None

    def flag(self, name: str) -> bool:
        """Tell whether a property is `true`."""
        return read_flag(self.given.get(name, "")) is True

    def limit(self, name: str, field_ms: int | None) -> int | None:
        """Return a time limit in milliseconds; what is no positive number is no limit."""
        if name not in self.given:
            return field_ms
        number = read_int(self.given[name])
        return number if number is not None and number > 0 else None

    @property
    def host(self) -> str:
        """The host to connect to; a property that is not a host is unheeded."""
        return self._host() or self.values.host

    def _host(self) -> str | None:
        try:
            return read_host(self.given.get("host", "")).name
        except HostRefused:
            return None

    @property
    def port(self) -> int:
        """The port to connect to; what is no port is that of the protocol."""
        if "port" not in self.given:
            return self.values.port
        number = read_int(self.given["port"])
        if number is not None and 1 <= number <= MAX_PORT:
            return number
        return _SMTPS if self.values.security == "implicit_tls" else _SMTP

    @property
    def tls_protocols(self) -> tuple[str, ...]:
        """The allowed TLS versions, none means the program's default."""
        return self._named("ssl.protocols", TLS_PROTOCOLS) or self.values.tls_protocols

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms, the first one preferred; none means the best one offered."""
        given = tuple(self.given.get("auth.mechanisms", "").upper().split())
        if given and all(map(_MECHANISM.fullmatch, given)):
            return given
        auth = self.values.auth
        chosen = auth.mechanism or ("XOAUTH2" if auth.method == "access_token" else None)
        return (chosen,) if chosen else ()

    def _named(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(self.given.get(name, "").split()))
        return given if set(given) <= set(known) else ()

    def unheeded(self) -> frozenset[str]:
        """Return the properties that repeat a field and whose value is of no use."""
        useless = {
            "host": self._host() is None,
            "auth": self.flag("auth") != (self.values.auth.method != "none"),
            "ssl.protocols": not self._named("ssl.protocols", TLS_PROTOCOLS),
            "auth.mechanisms": " ".join(self.mechanisms)
            != " ".join(self.given.get("auth.mechanisms", "").upper().split()),
        }
        return frozenset(name for name, bad in useless.items() if name in self.given and bad)

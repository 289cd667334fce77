"""What only session properties decide about a connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from services.conn_tester.secret import Secret

if TYPE_CHECKING:
    from services.conn_tester.properties import Honoured

ProxyKind = Literal["http", "socks"]

ANY_HOST: Final = "*"
_DEFAULT_PORTS: Final[dict[ProxyKind, int]] = {"http": 80, "socks": 1080}
_PREFIXES: Final[dict[ProxyKind, str]] = {"http": "proxy", "socks": "socks"}
_DISABLE: Final = ".disable"
_HOST_AND_PORT: Final = re.compile(r"([^:]*|\[[^\]]*\]):([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """A proxy for HTTP CONNECT or SOCKS 5; a user only for the first, as in Jakarta Mail."""

    kind: ProxyKind
    host: str
    port: int
    user: str | None = None
    password: Secret | None = None

    @property
    def shown(self) -> str:
        """Host and port for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """How to connect and talk, beyond what the setting's own fields say.

    `trusted` None means that certificates are checked, `("*",)` that every host is trusted without
    a check, other names that only these are. `cipher_suites` have their names in Java. `keepalive`
    is the command that asks whether the connection still lives, None where nobody asked for it.
    `quits_on_rejection` None means that it is not said. `prefix` is that of the properties.
    """

    prefix: str
    proxy: Proxy | None
    local_port: int
    write_limit_s: float | None
    says_ehlo: bool
    waits_for_quit: bool
    quits_on_rejection: bool | None
    keepalive: str | None
    keepalive_strict: bool
    checks_identity: bool
    trusted: tuple[str, ...] | None
    cipher_suites: tuple[str, ...]
    authorization_id: str | None
    uses_sasl: bool
    sasl_mechanisms: tuple[str, ...]
    disabled_mechanisms: frozenset[str]
    takes_xoauth2: bool
    requires_sign_in: bool
    allows_utf8: bool

    @property
    def trusts_everybody(self) -> bool:
        """Whether no certificate is checked at all."""
        return self.trusted == (ANY_HOST,)


def read_behaviour(honoured: Honoured) -> Behaviour:
    """Return what the properties ask for."""
    asks_noop = {"noop.strict", "userset"} & set(honoured.values)
    command = "RSET" if honoured.flag("userset") else "NOOP"
    has_word = "quitonsessionreject" in honoured.values
    return Behaviour(
        prefix=honoured.prefix,
        proxy=_proxy(honoured),
        local_port=honoured.number("localport") or 0,
        write_limit_s=honoured.limit("writetimeout"),
        says_ehlo=honoured.flag("ehlo", default=True),
        waits_for_quit=honoured.flag("quitwait", default=True),
        quits_on_rejection=honoured.flag("quitonsessionreject") if has_word else None,
        keepalive=command if asks_noop else None,
        keepalive_strict=honoured.flag("noop.strict", default=True),
        checks_identity=honoured.flag("ssl.checkserveridentity", default=True),
        trusted=honoured.words("ssl.trust") or None,
        cipher_suites=honoured.words("ssl.ciphersuites"),
        authorization_id=honoured.text("sasl.authorizationid"),
        uses_sasl=honoured.flag("sasl.enable"),
        sasl_mechanisms=_sasl_mechanisms(honoured),
        disabled_mechanisms=_disabled(honoured),
        takes_xoauth2=not honoured.flag("auth.xoauth2.disable", default=True),
        requires_sign_in=honoured.flag("auth"),
        allows_utf8=honoured.session_flag("mail.mime.allowutf8"),
    )


def _proxy(honoured: Honoured) -> Proxy | None:
    """Return the proxy in force: that for HTTP wins over SOCKS."""
    for kind in _PREFIXES:
        named = honoured.text(f"{_PREFIXES[kind]}.host")
        if named is not None:
            return _named_proxy(honoured, kind, named)
    return None


def _named_proxy(honoured: Honoured, kind: ProxyKind, named: str) -> Proxy:
    """Read HOST or HOST:PORT; a port of its own wins over that in the host."""
    match = _HOST_AND_PORT.fullmatch(named)
    host, digits = match.groups() if match else (named, "")
    own = honoured.number(f"{_PREFIXES[kind]}.port")
    known = int(digits) if digits else _DEFAULT_PORTS[kind]
    is_http = kind == "http"
    password = honoured.text("proxy.password") if is_http else None
    return Proxy(
        kind=kind,
        host=host.removeprefix("[").removesuffix("]"),
        port=known if own is None else own,
        user=honoured.text("proxy.user") if is_http else None,
        password=Secret(password) if password else None,
    )


def _sasl_mechanisms(honoured: Honoured) -> tuple[str, ...]:
    listed = honoured.values.get("sasl.mechanisms", "")
    return tuple(listed.replace(",", " ").upper().split())


def _disabled(honoured: Honoured) -> frozenset[str]:
    """Return the mechanisms that are switched off; a list of one's own makes that irrelevant."""
    return frozenset(
        name.removeprefix("auth.").removesuffix(_DISABLE).upper()
        for name in honoured.values
        if name.startswith("auth.") and name.endswith(_DISABLE) and honoured.flag(name)
    )

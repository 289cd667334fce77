"""The session properties that Jakarta Mail (Angus, 2025-09) reads, and how it reads values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

SMTP: Final = "mail.smtp."
SMTPS: Final = "mail.smtps."
PROTOCOL: Final = "mail.transport.protocol"
SSL_SOCKET_FACTORY: Final = "javax.net.ssl.SSLSocketFactory"


class Kind(Enum):
    """What a property's value is.

    JAVA means something inside a JVM only; OBJECT is a Java object, which no text can be.
    """

    TEXT = auto()
    INT = auto()
    FLAG = auto()
    JAVA = auto()
    OBJECT = auto()


_BY_KIND: Final[Mapping[Kind, str]] = {
    Kind.TEXT: """
        user host from localhost localaddress auth.mechanisms auth.ntlm.domain sasl.mechanisms
        sasl.authorizationid sasl.realm saslrealm submitter dsn.notify dsn.ret mailextension
        ssl.trust ssl.protocols ssl.ciphersuites socketFactory.class proxy.host proxy.user
        proxy.password socks.host""",
    Kind.INT: """
        port connectiontimeout timeout writetimeout localport auth.ntlm.flags chunksize
        socketFactory.port ssl.socketFactory.port proxy.port socks.port""",
    Kind.FLAG: """
        ehlo auth auth.login.disable auth.plain.disable auth.digest-md5.disable auth.ntlm.disable
        auth.xoauth2.disable auth.ntlm.v2 sasl.enable sasl.usecanonicalhostname allow8bitmime
        sendpartial reportsuccess quitwait quitonsessionreject userset noop.strict ssl.enable
        starttls.enable starttls.required ssl.checkserveridentity socketFactory.fallback""",
    Kind.JAVA: "ssl.hostnameverifier.class ssl.socketFactory.class usesocketchannels class",
    Kind.OBJECT: "executor.writetimeout ssl.hostnameverifier ssl.socketFactory socketFactory",
}

#: Name behind `mail.smtp.` or `mail.smtps.` → kind of its value.
OF_PROTOCOL: Final[Mapping[str, Kind]] = {
    name: kind for kind, names in _BY_KIND.items() for name in names.split()
}
#: Whole name → kind of its value, for what does not belong to one protocol.
OF_SESSION: Final[Mapping[str, Kind]] = {
    PROTOCOL: Kind.TEXT,
    "mail.host": Kind.TEXT,
    "mail.user": Kind.TEXT,
    "mail.from": Kind.TEXT,
    "mail.debug": Kind.FLAG,
    "mail.debug.auth": Kind.FLAG,
    "mail.debug.auth.username": Kind.FLAG,
    "mail.debug.auth.password": Kind.FLAG,
    "mail.debug.quote": Kind.FLAG,
    "mail.socket.debug": Kind.FLAG,
    "mail.mime.allowutf8": Kind.FLAG,
}
#: Name behind the prefix → what Java takes without a value; flags are false if not here.
_DEFAULTS: Final[Mapping[str, str]] = {
    PROTOCOL: "smtp",
    "port": "25",
    "proxy.port": "80",
    "socks.port": "1080",
    **dict.fromkeys(("connectiontimeout", "timeout", "writetimeout"), "∞"),
    **dict.fromkeys(("ehlo", "auth.ntlm.v2", "auth.xoauth2.disable", "quitwait"), "true"),
    **dict.fromkeys(("noop.strict", "ssl.checkserveridentity", "socketFactory.fallback"), "true"),
}
_NUMBER: Final = re.compile(r"0x([0-9A-Fa-f]{1,16})|([+-]?[0-9]{1,32})")
_INT_RANGE: Final = range(-(2**31), 2**31)


def read_flag(value: str) -> bool | None:
    """Return what a boolean property says; None where Java ignores it (`yes`, `1`, `true `)."""
    return {"true": True, "false": False}.get(value.lower())


def read_int(value: str) -> int | None:
    """Return what an int property says; None where Java ignores it (`5s`, ` 5000`)."""
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    number = int(match[1], 16) if match[1] else int(match[2])
    return number if number in _INT_RANGE else None


def is_heard(kind: Kind, value: str) -> bool:
    """Tell whether Java takes a value rather than the property's default."""
    if kind is Kind.FLAG:
        return read_flag(value) is not None
    if kind is Kind.INT:
        return read_int(value) is not None
    return kind is Kind.TEXT


def default_of(name: str, prefix: str) -> str | None:
    """Return what Java takes instead of a value that it ignores; None where there is no word."""
    default = "false" if kind_of(name, prefix) is Kind.FLAG else None
    return _DEFAULTS.get(name.removeprefix(prefix), default)


def prefix_in_force(properties: Mapping[str, str]) -> str:
    """Return the prefix that is read: `mail.smtps.` where the protocol is set to `smtps`."""
    return SMTPS if properties.get(PROTOCOL) == "smtps" else SMTP


def kind_of(name: str, prefix: str) -> Kind | None:
    """Return the kind of a property that is read under this prefix, None for another name."""
    if name.startswith(prefix):
        return OF_PROTOCOL.get(name.removeprefix(prefix))
    return OF_SESSION.get(name)

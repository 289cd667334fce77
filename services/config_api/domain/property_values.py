"""What Java makes of the value of a session property that it reads."""

from __future__ import annotations

import re
from typing import Final

from services.config_api.domain import jakarta_mail
from services.config_api.domain.findings import Findings
from services.config_api.domain.host import MAX_PORT
from services.config_api.domain.jakarta_mail import Kind
from services.config_api.domain.tls_fields import TLS_PROTOCOLS

_LISTS: Final = frozenset({"auth.mechanisms", "ssl.protocols", "ssl.ciphersuites", "ssl.trust"})
_OTHER_SEPARATOR: Final = re.compile(r"\s*[,;]\s*")
#: Protocols that Java knows and a setting's own list does not.
_OLD_PROTOCOLS: Final = ("SSLv2Hello", "SSLv3")
_PORTS: Final = frozenset({"port", "proxy.port", "socks.port", "socketFactory.port"})
_DEFAULT_PORT: Final = -1


def judge_value(findings: Findings, name: str, value: str, prefix: str) -> bool:
    """Warn of a value that Java ignores or stumbles over; return whether it takes it.

    What means something inside Java only is not taken here.
    """
    kind = jakarta_mail.kind_of(name, prefix)
    suffix = name.removeprefix(prefix)
    if kind is Kind.JAVA or suffix == "socketFactory.class":
        of_tls = value == jakarta_mail.SSL_SOCKET_FACTORY
        if not of_tls:
            findings.warn("property_for_java_only", name=name)
        return of_tls and kind is not Kind.JAVA
    heard = kind is not None and jakarta_mail.is_heard(kind, value)
    if name == jakarta_mail.PROTOCOL:
        heard = value in ("smtp", "smtps")
    if heard:
        _judge_heard(findings, name, value, suffix)
    else:
        default = jakarta_mail.default_of(name, prefix)
        findings.warn("property_value_ignored", name=name, value=value, default=default)
    return heard


def _judge_heard(findings: Findings, name: str, value: str, suffix: str) -> None:
    if suffix in _LISTS:
        _judge_list(findings, name, value, suffix)
    if suffix in _PORTS:
        _judge_port(findings, value)
    if suffix == "ssl.trust" and value.strip():
        findings.warn("certificate_not_verified", name=name)
    if suffix == "ssl.checkserveridentity" and jakarta_mail.read_flag(value) is False:
        findings.warn("identity_not_checked", name=name)


def _judge_list(findings: Findings, name: str, value: str, suffix: str) -> None:
    spaced = _OTHER_SEPARATOR.sub(" ", value).strip()
    if _OTHER_SEPARATOR.search(value):
        findings.warn("property_list_separator", name=name, value=value, suggestion=spaced)
    if suffix == "ssl.protocols":
        for version in spaced.split():
            if version not in TLS_PROTOCOLS and version not in _OLD_PROTOCOLS:
                findings.warn("protocol_unknown", value=version)


def _judge_port(findings: Findings, value: str) -> None:
    port = jakarta_mail.read_int(value)
    if port != _DEFAULT_PORT and port not in range(1, MAX_PORT + 1):
        findings.warn("port_invalid", value=value)

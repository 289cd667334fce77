"""The fields of a setting as somebody sends them, checked by the rules of contract §3."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, get_args

from events.connection_test import Warned
from events.smtp_setting import Auth, Security, SettingValues
from services.config_api.domain.auth_fields import read_auth
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.findings import Findings
from services.config_api.domain.host import MAX_PORT, Host, HostRefused, read_host
from services.config_api.domain.nearest import pairs, plain_word
from services.config_api.domain.secret import Secret
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.session_properties import read_properties
from services.config_api.domain.tls_fields import TLS_PROTOCOLS as TLS_PROTOCOLS  # noqa: PLC0414 -- told to schemas with the other fields
from services.config_api.domain.tls_fields import read_ca_pem, read_tls_protocols

SECURITIES: Final = get_args(Security)
_EITHER_TLS: Final = frozenset({"tls", "true", "yes", "on", "encrypted"})
_OTHER_SECURITIES: Final = pairs(
    {
        "none": ("plain", "plaintext", "off", "no", "clear", "unencrypted"),
        "starttls": ("starttls_required", "explicit_tls", "explicit"),
        "implicit_tls": ("ssl", "smtps", "ssl/tls", "tls/ssl", "implicit", "tls_wrapper"),
    }
)
DEFAULT_PORTS: Final[Mapping[str, int]] = {"starttls": 587, "implicit_tls": 465, "none": 25}
DEFAULT_TIMEOUT_MS: Final = 60_000
MAX_TIMEOUT_MS: Final = 600_000
_MAX_X_MAILER: Final = 512
_READ_ONLY: Final = frozenset({"host_unicode", "secret", "secrets"})
#: The fields of a setting document, in their order.
SENT: Final = tuple(name for name in SettingValues.__struct_fields__ if name not in _READ_ONLY)
_SENT_AUTH: Final = Auth.__struct_fields__
_MS_IN_S: Final = 1_000
#: Port → what servers expect there, the best first.
_USUAL_SECURITY: Final[Mapping[int, tuple[str, ...]]] = {
    25: ("starttls", "none"),
    465: ("implicit_tls",),
    587: ("starttls", "none"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingDraft:
    """A setting that keeps the rules, before it is decided what becomes of its secrets.

    `values` has `secret="none"` and no `secrets`. `secrets` holds, by field (`password`, or the
    name of a session property that ends in `password`), a new secret or None to remove the stored
    one; a field that is absent keeps what is stored.
    """

    values: SettingValues
    secrets: Mapping[str, Secret | None] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()


def make_draft(
    fields: Mapping[str, Any],
    *,
    known_providers: Container[str] = (),
    at: datetime | None = None,
    registering: bool = False,
) -> SettingDraft:
    """Return the draft of a setting document of the right shape; what is missing is the default.

    Raises InvalidSetting with every field that is wrong. A provider that is not among
    `known_providers` is a warning, and so is a certificate that is not valid `at` this time (None:
    not judged). In `registering` a setting that signs in with a password must come with it.
    """
    findings = Findings()
    host = _read_host(findings, fields.get("host", ""))
    security: Security = fields.get("security", "starttls")
    _read_security(findings, security, fields.get("port"))
    auth, password = read_auth(
        findings, fields.get("auth", {}), host.name, known_providers, registering=registering
    )
    judged_by = security if security in SECURITIES else None
    properties, secrets = read_properties(findings, fields.get(PROPERTIES, {}), judged_by)
    values = SettingValues(
        host=host.name,
        host_unicode=host.typed,
        port=_read_port(findings, fields.get("port"), security),
        security=security,
        tls_protocols=read_tls_protocols(findings, fields.get("tls_protocols", ())),
        ca_pem=read_ca_pem(findings, fields.get("ca_pem"), at),
        auth=auth,
        x_mailer=_read_x_mailer(findings, fields.get("x_mailer")),
        debug=fields.get("debug", False),
        connection_timeout_ms=_read_timeout(findings, fields, "connection_timeout_ms"),
        timeout_ms=_read_timeout(findings, fields, "timeout_ms"),
        session_properties=properties,
    )
    if findings.errors:
        raise InvalidSetting(tuple(findings.errors))
    given = {**password, **secrets}
    return SettingDraft(values=values, secrets=given, warnings=tuple(findings.warnings))


def fields_of(values: SettingValues) -> dict[str, Any]:
    """Return the document that `make_draft` reads as these values, without secrets."""
    document = {name: getattr(values, name) for name in SENT}  # `asdict` takes five times as long
    document["auth"] = {name: getattr(values.auth, name) for name in _SENT_AUTH}
    document["tls_protocols"] = list(values.tls_protocols)
    document[PROPERTIES] = dict(values.session_properties)
    return document


def _read_host(findings: Findings, text: str) -> Host:
    try:
        host = read_host(text)
    except HostRefused as refused:
        findings.refuse(("host",), refused.code, fix=refused.fix, **refused.facts)
        return Host(name="", typed=text)
    if host.trimmed:
        findings.warn("host_trimmed", host=host.typed)
    if host.odd:
        findings.warn("odd_characters", field="host")
    return host


def _read_security(findings: Findings, security: str, port: int | None) -> None:
    if security in SECURITIES:
        return
    path = ("security",)
    if plain_word(security) not in _EITHER_TLS:
        findings.read_choice(path, security, SECURITIES, _OTHER_SECURITIES)
        return
    usual = _USUAL_SECURITY.get(port or 0)
    fix = {"security": usual[0]} if usual else None
    findings.refuse(path, "not_one_of", fix=fix, choices=list(SECURITIES), reason="tls")


def _read_port(findings: Findings, port: int | None, security: str) -> int:
    if port is None:
        return DEFAULT_PORTS.get(security, 0)
    usual = _USUAL_SECURITY.get(port)
    if not 1 <= port <= MAX_PORT:
        findings.refuse(("port",), "port_invalid", value=port)
    elif usual is not None and security in SECURITIES and security not in usual:
        findings.warn("port_unusual", port=port, security=security, usual=usual[0])
    return port


def _read_x_mailer(findings: Findings, text: str | None) -> str | None:
    return findings.read_text(("x_mailer",), text, limit=_MAX_X_MAILER, letters=False)


def _read_timeout(findings: Findings, fields: Mapping[str, Any], name: str) -> int | None:
    timeout: int | None = fields.get(name, DEFAULT_TIMEOUT_MS)
    if timeout is None:
        return None
    if not 1 <= timeout <= MAX_TIMEOUT_MS:
        near = MAX_TIMEOUT_MS if timeout > 0 else None  # elsewhere 0 and -1 mean: no limit
        facts = {"minimum": 1, "maximum": MAX_TIMEOUT_MS, "reason": "timeout"}
        findings.refuse((name,), "out_of_range", fix={name: near}, **facts)
    elif timeout < _MS_IN_S:
        suggestion = min(timeout * _MS_IN_S, MAX_TIMEOUT_MS)
        findings.warn("timeout_short", field=name, value=timeout, suggestion=suggestion)
    return timeout

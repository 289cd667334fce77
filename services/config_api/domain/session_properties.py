"""Session properties of a setting: what is refused, warned of, secret or part of the destination.

How Jakarta Mail reads them is in `jakarta_mail`; contract §3 says what follows from that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from events.connection_test import Warned
from events.smtp_setting import Security, SettingValues
from services.config_api.domain import jakarta_mail
from services.config_api.domain.characters import has_control_characters
from services.config_api.domain.findings import Findings
from services.config_api.domain.property_effects import without_effect
from services.config_api.domain.property_names import suggestion
from services.config_api.domain.property_values import judge_value
from services.config_api.domain.secret import Secret

FIELD: Final = "session_properties"
_NAME: Final = re.compile(r"mail\.[A-Za-z0-9.-]+")
_MAX_NAME: Final = 255
_MAX_VALUE: Final = 4_096
_MAX_COUNT: Final = 256
_SECURITY_FLAGS: Final = frozenset({"ssl.enable", "starttls.enable", "starttls.required"})
_DESTINATION: Final = re.compile(
    r"(?:host|port|user|localaddress|saslrealm|transport\.protocol|auth.*"
    r"|(?:proxy|socks|ssl|starttls|socketFactory|sasl)(?:\..*)?)"
)


def is_secret_name(name: str) -> bool:
    """Tell whether a session property holds a secret: its name ends in `password`."""
    return name.lower().endswith("password")


def is_destination_name(name: str) -> bool:
    """Tell whether a session property redirects or weakens a connection (contract §3)."""
    for prefix in (jakarta_mail.SMTPS, jakarta_mail.SMTP, "mail."):
        if name.startswith(prefix):
            return _DESTINATION.fullmatch(name.removeprefix(prefix)) is not None
    return False


def read_properties(
    findings: Findings, given: Mapping[str, str | Secret | None], security: Security | None
) -> tuple[dict[str, str], dict[str, Secret | None]]:
    """Return the plain properties and the secret ones (None: remove the stored one).

    They are judged against `security`; None is one that is wrong itself.
    """
    plain: dict[str, str] = {}
    secrets: dict[str, Secret | None] = {}
    if len(given) > _MAX_COUNT:
        findings.refuse((FIELD,), "too_many", limit=_MAX_COUNT)
        return plain, secrets
    for name, value in given.items():
        if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
            _refuse_name(findings, name, value)
        elif is_secret_name(name):
            secrets[name] = None if value is None else findings.read_secret((FIELD, name), value)
        elif isinstance(value, str):
            plain[name] = _read_value(findings, name, value)
        else:
            findings.refuse((FIELD, name), "wrong_type", expected="string")
    _judge(findings, plain, secrets, security)
    return plain, secrets


def warnings_about(values: SettingValues) -> tuple[Warned, ...]:
    """Return what a setting's session properties are warned of, for those who meet it again."""
    findings = Findings()
    secrets = dict.fromkeys(filter(_NAME.fullmatch, values.secrets))
    _judge(findings, values.session_properties, secrets, values.security)
    return tuple(findings.warnings)


def overrides(name: str, value: str, prefix: str) -> bool:
    """Tell whether a plain property replaces the one that follows from the other fields.

    A flag of the transport security that Java would ignore (`starttls.required=yes`) does not:
    what Java takes instead could be weaker than the setting.
    """
    of_security = name.removeprefix(prefix) in _SECURITY_FLAGS
    return not of_security or jakarta_mail.read_flag(value) is not None


def _refuse_name(findings: Findings, name: str, value: str | Secret | None) -> None:
    meant = suggestion(name[:_MAX_NAME], jakarta_mail.SMTP)
    if meant is None:
        findings.refuse((FIELD, name[:_MAX_NAME]), "property_name_invalid")
        return
    shown = isinstance(value, str) and not is_secret_name(name) and not is_secret_name(meant)
    fix = {FIELD: {name: None, meant: value}} if shown else None
    findings.refuse(
        (FIELD, name), "property_name_invalid", fix=fix, reason="near", suggestion=meant
    )


def _read_value(findings: Findings, name: str, value: str) -> str:
    if has_control_characters(value):
        findings.refuse((FIELD, name), "control_characters", field=name)
    elif len(value) > _MAX_VALUE:
        findings.refuse((FIELD, name), "too_long", limit=_MAX_VALUE)
    return value


def _judge(
    findings: Findings,
    plain: Mapping[str, str],
    secrets: Mapping[str, Secret | None],
    security: Security | None,
) -> None:
    prefix = jakarta_mail.prefix_in_force(plain)
    for name in (*plain, *secrets):
        if jakarta_mail.kind_of(name, prefix) is None:
            findings.warn("unknown_property", name=name, suggestion=suggestion(name, prefix))
    for name, value in plain.items():
        kind = jakarta_mail.kind_of(name, prefix)
        heard = kind is not None and judge_value(findings, name, value, prefix)
        if heard and security is not None:
            _judge_security(findings, name, name.removeprefix(prefix), value, security)
    for name in without_effect({**dict.fromkeys(secrets, ""), **plain}, prefix):
        findings.warn("property_without_effect", name=name)


def _judge_security(
    findings: Findings, name: str, suffix: str, value: str, security: Security
) -> None:
    if security == "implicit_tls" and suffix.startswith("starttls."):
        if jakarta_mail.read_flag(value):
            findings.warn("starttls_ignored", name=name)
        return
    instead = _contradiction(suffix, value, security)
    if instead is not None:
        weakens = {"reason": "weakens", "now": security} if instead == "none" else {}
        findings.refuse(
            (FIELD, name),
            "property_contradicts_security",
            fix={"security": instead},
            name=name,
            value=value,
            security=instead,
            **weakens,
        )


def _contradiction(suffix: str, value: str, security: Security) -> Security | None:
    """Return the security that says what a property wants, None where the two agree."""
    flag = jakarta_mail.read_flag(value)
    wants_tls = (
        (suffix == "ssl.enable" and flag is True)
        or (suffix == "socketFactory.class" and value == jakarta_mail.SSL_SOCKET_FACTORY)
        or (suffix == jakarta_mail.PROTOCOL and value == "smtps")
    )
    if wants_tls:
        return None if security == "implicit_tls" else "implicit_tls"
    weakens = {
        "ssl.enable": flag is False and security == "implicit_tls",
        "starttls.enable": flag is False and security == "starttls",
        "starttls.required": flag is False and security == "starttls",
        "socketFactory.fallback": flag is True and security != "none",
    }
    return "none" if weakens.get(suffix, False) else None

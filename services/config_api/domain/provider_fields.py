"""The fields of an OAuth provider (contract §7): judged together, what is missing filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from events.oauth_provider import (
    CLIENT_SECRET,
    PRIVATE_KEY,
    REFRESH_TOKEN,
    Grant,
    Preset,
    ProviderValues,
)
from services.config_api.domain.errors import InvalidProvider
from services.config_api.domain.findings import Findings
from services.config_api.domain.host import HostRefused, read_host
from services.config_api.domain.provider_presets import PRESETS, PresetValues
from services.config_api.domain.secret import Secret
from services.config_api.domain.urls import reason_against

GRANTS: Final = get_args(Grant)
PRESET_NAMES: Final = get_args(Preset)
SECRETS: Final = (CLIENT_SECRET, REFRESH_TOKEN, PRIVATE_KEY)
MAX_ENTRIES: Final = 100
_MAX_TEXT: Final = 512
_MAX_URL: Final = 2048
#: RFC 6749, section 3.3.
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_DIRECTORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,253}")
#: Parameters that the requests have anyway: set beside them, they would contradict.
RESERVED: Final = frozenset(
    {
        "assertion", "client_assertion", "client_assertion_type", "client_id", "client_secret",
        "code", "code_challenge", "code_challenge_method", "code_verifier", "grant_type",
        "password", "redirect_uri", "refresh_token", "response_type", "scope", "state", "username",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderDraft:
    """A provider as it was sent, without references; `secrets` by field, None to remove one.

    `hosts_chosen` tells that `mail_hosts` was given and is not what the preset fills in.
    """

    values: ProviderValues
    secrets: Mapping[str, Secret | None] = field(default_factory=dict)
    hosts_chosen: bool = False


def make_provider(provider_id: str, fields: Mapping[str, Any]) -> ProviderDraft:
    """Return the draft of a provider's document of the right shape.

    A preset fills in what is missing. Raises InvalidProvider with every field that is wrong.
    """
    findings = Findings()
    preset = _read_preset(findings, fields)
    grant = _read_grant(findings, fields)
    filled = {**_filled(findings, preset, grant, fields), **_given(fields)}
    values = ProviderValues(
        name=_read_line(findings, filled, "name") or provider_id,
        grant=grant,
        preset=fields.get("preset") if preset else None,
        token_url=_read_url(findings, filled, "token_url", needed=True) or "",
        authorize_url=_read_url(
            findings, filled, "authorize_url", needed=grant == "authorization_code"
        ),
        client_id=_read_needed(findings, filled, "client_id"),
        key_id=_read_line(findings, filled, "key_id"),
        subject=_read_line(findings, filled, "subject"),
        audience=_read_line(findings, filled, "audience"),
        scopes=_read_scopes(findings, filled.get("scopes", ())),
        mail_hosts=_read_hosts(findings, filled.get("mail_hosts", ())),
        extra=_read_extra(findings, filled.get("extra", {})),
    )
    given = {name: _read_secret(findings, name, fields[name]) for name in SECRETS if name in fields}
    if findings.errors:
        raise InvalidProvider(tuple(findings.errors))
    chosen = "mail_hosts" in fields and values.mail_hosts != (preset.mail_hosts if preset else ())
    return ProviderDraft(values=values, secrets=given, hosts_chosen=chosen)


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent and is not null, which asks for what a field has otherwise."""
    return {name: value for name, value in fields.items() if value is not None}


def _read_preset(findings: Findings, fields: Mapping[str, Any]) -> PresetValues | None:
    name = fields.get("preset")
    findings.read_choice(("preset",), name, PRESET_NAMES)
    return PRESETS.get(name) if name is not None else None


def _read_grant(findings: Findings, fields: Mapping[str, Any]) -> Grant:
    grant: Grant | None = fields.get("grant")
    if grant is None:
        findings.refuse(("grant",), "required")
        return "client_credentials"
    findings.read_choice(("grant",), grant, GRANTS)
    return grant


def _filled(
    findings: Findings, preset: PresetValues | None, grant: Grant, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a preset says of fields that were not sent."""
    directory = fields.get("directory")
    if preset is None or not preset.needs_directory:
        if directory is not None:
            findings.refuse(("directory",), "directory_without_preset")
        if preset is None:
            return {}
    urls = {"token_url": preset.token_url, "authorize_url": preset.authorize_url}
    if preset.needs_directory:
        directory = _read_directory(findings, preset, grant, fields)
        named = directory is not None
        urls = {name: url.format(directory=directory) for name, url in urls.items() if named}
    return urls | {
        "name": preset.name,
        "mail_hosts": preset.mail_hosts,
        "scopes": preset.scopes.get(grant, ()),
        "audience": preset.audience.get(grant),
        "extra": dict(preset.extra.get(grant, {})),
    }


def _read_directory(
    findings: Findings, preset: PresetValues, grant: Grant, fields: Mapping[str, Any]
) -> str | None:
    directory: str | None = fields.get("directory") or preset.directory.get(grant)
    urls = {"token_url"} | ({"authorize_url"} if grant == "authorization_code" else set())
    if directory is None and not urls <= _given(fields).keys():
        findings.refuse(("directory",), "directory_missing")
        return "organizations"  # so that nothing else is said of the URLs
    if directory is not None and not _DIRECTORY.fullmatch(directory):
        findings.refuse(("directory",), "directory_invalid")
    return directory


def _read_line(findings: Findings, fields: Mapping[str, Any], name: str) -> str | None:
    return findings.read_text((name,), fields.get(name), limit=_MAX_TEXT, letters=name != "name")


def _read_needed(findings: Findings, fields: Mapping[str, Any], name: str) -> str:
    text = _read_line(findings, fields, name)
    if text is None:
        findings.refuse((name,), "required")
    return text or ""


def _read_url(
    findings: Findings, fields: Mapping[str, Any], name: str, *, needed: bool
) -> str | None:
    text = findings.read_text((name,), fields.get(name), limit=_MAX_URL)
    if text is None:
        if needed:
            findings.refuse((name,), "required")
        return None
    reason = reason_against(text)
    if reason is not None:
        findings.refuse((name,), "url_invalid", reason=reason)
    return text


def _read_scopes(findings: Findings, scopes: tuple[str, ...]) -> tuple[str, ...]:
    if len(scopes) > MAX_ENTRIES:
        findings.refuse(("scopes",), "too_many", limit=MAX_ENTRIES)
    if not all(_SCOPE.fullmatch(scope) and len(scope) <= _MAX_TEXT for scope in scopes):
        findings.refuse(("scopes",), "scope_invalid")
    return tuple(dict.fromkeys(scopes))


def _read_hosts(findings: Findings, hosts: tuple[str, ...]) -> tuple[str, ...]:
    if len(hosts) > MAX_ENTRIES:
        findings.refuse(("mail_hosts",), "too_many", limit=MAX_ENTRIES)
    names = []
    for place, text in enumerate(hosts):
        try:
            names.append(read_host(text).name)
        except HostRefused as refused:
            findings.refuse(("mail_hosts", place), refused.code, **refused.facts)
    return tuple(dict.fromkeys(names))


def _read_extra(findings: Findings, extra: Mapping[str, str]) -> dict[str, str]:
    if len(extra) > MAX_ENTRIES:
        findings.refuse(("extra",), "too_many", limit=MAX_ENTRIES)
    for name, value in extra.items():
        if name in RESERVED:
            findings.refuse(("extra", name), "parameter_reserved")
        elif not name or not name.isascii() or not name.isprintable():
            findings.refuse(("extra", name), "parameter_invalid")
        else:
            findings.read_text(("extra", name), value, limit=_MAX_TEXT, letters=False)
    return dict(sorted(extra.items()))


def _read_secret(findings: Findings, name: str, secret: str | None) -> Secret | None:
    if secret is None:
        return None
    if name != PRIVATE_KEY:
        return findings.read_secret((name,), secret)
    # A key in PEM has lines, which other secrets must not have; its form is judged elsewhere.
    if Secret(secret).is_mask:
        findings.refuse((name,), "masked_password")
    return Secret(secret)

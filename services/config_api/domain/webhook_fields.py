"""The fields of a webhook: judged together, what is missing filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.webhook import WebhookValues
from services.config_api.domain.findings import Findings
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.domain.urls import reason_against
from services.config_api.domain.webhook_errors import InvalidWebhook
from services.config_api.domain.webhook_signing import (
    LEAST_BYTES,
    MOST_BYTES,
    NotASecret,
    key_of,
)
from services.config_api.domain.webhook_types import fits_some

MAX_TYPES: Final = 100
MAX_TENANTS: Final = 1_000
_MAX_NAME: Final = 512
_MAX_URL: Final = 2_048


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookDraft:
    """A webhook as it was sent, without references.

    `secret` is a new one; `renews` tells that null was sent for it: the service makes a new one.
    """

    values: WebhookValues
    secret: Secret | None = None
    renews: bool = False


def make_webhook(webhook_id: str, fields: Mapping[str, Any]) -> WebhookDraft:
    """Return the draft of a webhook's document of the right shape.

    Raises InvalidWebhook with every field that is wrong.
    """
    findings = Findings()
    name = findings.read_text(("name",), fields.get("name"), limit=_MAX_NAME, letters=False)
    active = fields.get("active")
    values = WebhookValues(
        name=name or webhook_id,
        url=_read_url(findings, fields.get("url")),
        types=_read_types(findings, fields.get("types") or ()),
        tenants=_read_tenants(findings, fields.get("tenants")),
        active=True if active is None else active,
    )
    secret = _read_secret(findings, fields.get("secret"))
    if findings.errors:
        raise InvalidWebhook(tuple(findings.errors))
    renews = "secret" in fields and secret is None
    return WebhookDraft(values=values, secret=secret, renews=renews)


def _read_url(findings: Findings, given: str | None) -> str:
    url = findings.read_text(("url",), given, limit=_MAX_URL)
    if url is None:
        findings.refuse(("url",), "required")
        return ""
    reason = reason_against(url)
    if reason is not None:
        findings.refuse(("url",), "url_invalid", reason=reason)
    return url


def _read_types(findings: Findings, given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        findings.refuse(("types",), "required")
    if len(given) > MAX_TYPES:
        findings.refuse(("types",), "too_many", limit=MAX_TYPES)
    for place, pattern in enumerate(given):
        if not fits_some(pattern):
            findings.refuse(("types", place), "type_unknown")
    return tuple(dict.fromkeys(given))


def _read_tenants(findings: Findings, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not given:
        findings.refuse(("tenants",), "required")
    if len(given) > MAX_TENANTS:
        findings.refuse(("tenants",), "too_many", limit=MAX_TENANTS)
    for place, tenant in enumerate(given):
        if not is_setting_id(tenant):
            findings.refuse(("tenants", place), "id_invalid")
    return tuple(sorted(set(given)))


def _read_secret(findings: Findings, given: str | None) -> Secret | None:
    if given is None:
        return None
    secret = Secret(given)
    if secret.is_mask:
        findings.refuse(("secret",), "masked_password")
        return secret
    try:
        key_of(secret)
    except NotASecret:
        findings.refuse(("secret",), "signing_secret_invalid", least=LEAST_BYTES, most=MOST_BYTES)
    return secret

"""The fields for TLS: its versions, and the trust anchors of a private authority."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from services.config_api.domain.certificates import (
    PemRefused,
    read_trust_anchors,
    with_line_feeds,
)
from services.config_api.domain.characters import has_control_characters
from services.config_api.domain.findings import Findings
from services.config_api.domain.nearest import pairs, same_word
from services.config_api.domain.secret import MASK
from services.config_api.domain.x509 import Certificate

TLS_PROTOCOLS: Final = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_OTHER_PROTOCOLS: Final = pairs(
    {
        version: (f"TLS{number}", number)
        for version, number in zip(TLS_PROTOCOLS, ("1.0", "1.1", "1.2", "1.3"), strict=True)
    }
    | {"TLSv1": ("TLS1", "TLSv1.0", "TLS1.0", "1.0")}
)
_SAFE: Final = ["TLSv1.2", "TLSv1.3"]
_FIELD: Final = "tls_protocols"
_MAX_CA_PEM: Final = 262_144
_MAX_PROTOCOLS: Final = 16
_LIKE_A_VERSION: Final = re.compile(
    r"(?:tls|ssl)[ v]{0,2}[0-9._-]{0,8}|[0-9]\.[0-9]", re.IGNORECASE
)


def read_tls_protocols(findings: Findings, given: Sequence[str]) -> tuple[str, ...]:
    """Return the versions, each once; the fix of a wrong one is the whole list, mended."""
    if len(given) > _MAX_PROTOCOLS:
        findings.refuse((_FIELD,), "too_many", limit=_MAX_PROTOCOLS)
        return ()
    for place, version in enumerate(given):
        if version not in TLS_PROTOCOLS:
            findings.refuse(
                (_FIELD, place),
                "protocol_unknown",
                fix={_FIELD: _mended(given)},
                value=_shown(version),
                **_reason(version),
            )
    return tuple(dict.fromkeys(given))


def meant_protocol(version: str) -> str | None:
    """Return the TLS version that was probably meant."""
    return same_word(version, TLS_PROTOCOLS, _OTHER_PROTOCOLS)


def read_ca_pem(findings: Findings, text: str | None, at: datetime | None) -> str | None:
    """Return the trust anchors in their stored form; those not valid `at` a time are warnings."""
    if not text or not text.strip():
        return None
    path = ("ca_pem",)
    if len(text) > _MAX_CA_PEM:
        findings.refuse(path, "too_long", limit=_MAX_CA_PEM)
        return text
    if has_control_characters(with_line_feeds(text).replace("\n", "")):
        findings.refuse(path, "control_characters", field="ca_pem")
        return text
    try:
        anchors = read_trust_anchors(text)
    except PemRefused as refused:
        fix = None if refused.fix is None else {"ca_pem": refused.fix}
        findings.refuse(path, "ca_pem_invalid", fix=fix, reason=refused.reason, **refused.facts)
        return text
    for certificate in anchors.certificates:
        _judge(findings, certificate, at)
    return anchors.text


def _judge(findings: Findings, certificate: Certificate, at: datetime | None) -> None:
    subject = certificate.subject
    if at is not None and at > certificate.not_after:
        day = certificate.not_after.date().isoformat()
        findings.warn("ca_pem_expired", subject=subject, not_after=day)
    elif at is not None and at < certificate.not_before:
        day = certificate.not_before.date().isoformat()
        findings.warn("ca_pem_not_yet_valid", subject=subject, not_before=day)
    if not certificate.is_ca and not certificate.self_issued:
        findings.warn("ca_pem_not_a_ca", subject=subject, issuer=certificate.issuer)


def _mended(given: Collection[str]) -> list[str]:
    meant = (meant_protocol(version) for version in given)
    return list(dict.fromkeys(version for version in meant if version)) or list(_SAFE)


def _shown(version: str) -> str:
    """Return what was typed if it looks like a version: it may be a password, in a wrong field."""
    return version if _LIKE_A_VERSION.fullmatch(version) else MASK


def _reason(version: str) -> dict[str, str]:
    meant = meant_protocol(version)
    if meant is not None:
        return {"reason": "near", "suggestion": meant}
    return {"reason": "obsolete"} if version.lower().startswith("ssl") else {}

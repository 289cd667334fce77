"""What a refused sign-in means: codes and the providers' known texts together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.conn_tester.diagnosis.finding import Finding

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_TEXTS: Final = (
    ("smtp_auth_disabled", _any_of(
        r"smtpclientauth\w* is disabled",  # Microsoft 365: tenant or mailbox
        r"does not have access rights to this service",  # Yandex
        r"user has no permission",  # NetEase
        r"smtp (access|auth\w*|service|sending) (is |has been )?(disabled|not enabled|blocked)",
    )),
    ("security_defaults", _any_of(
        r"security defaults",
        r"conditional access",
        r"did not meet the criteria to be authenticated",
    )),
    ("basic_auth_disabled", _any_of(
        r"basic auth\w* (is |has been )?(disabled|not supported|blocked|turned off)",
        r"basic authentication is not supported",  # Microsoft 365: 550 5.7.30
    )),
    ("app_password_required", _any_of(
        r"app(lication)?[- ]?(specific)? ?password",  # Google, Apple, Yahoo, Mail.ru, Fastmail
        r"parol prilozheniya",  # Mail.ru
        r"authori[sz]ation code to log ?in",  # Tencent
        r"InvalidSecondFactor",
    )),
    ("web_login_required", _any_of(
        r"(log|sign)[- ]?in (via|with|through|using) (your|the|a) (web )?browser",
        r"WebLoginRequired",
        r"unusual (activity|sign|log)",
    )),
    ("throttled", _any_of(
        r"too many",
        r"(rate|attempts?|login).{0,24}(limit|exceed)",
        r"throttl",
        r"temporar\w+ (blocked|locked)",
        r"blocked.{0,40}(failed|attempts)",
    )),
    ("auth_needs_tls", _any_of(
        r"(issue|use|requires?|need\w*|after|without).{0,32}(starttls|tls|ssl|encrypt)",
        r"encrypt\w+ required",
        r"plaintext authentication (disallowed|not allowed)",
    )),
)  # fmt: skip

_NEEDS_TLS: Final = frozenset({"5.7.11"})
_WRONG_MECHANISM: Final = frozenset({500, 501, 502, 503, 504})
_WEAK_MECHANISM: Final = 534
_ENCRYPTION_REQUIRED: Final = 538
_TEMPORARY: Final = range(400, 500)


def judge_refused_sign_in(
    reply: ServerReply, *, mechanism: str, user: str, encrypted: bool
) -> Finding:
    """Return what a reply to AUTH other than 235 and 334 means (RFC 4954 6).

    `encrypted` tells whether TLS is in force: a server that asks for it then means something else.
    """
    code = _code(reply, encrypted=encrypted)
    facts = {"reply": reply.quoted, "mechanism": mechanism, "user": user}
    return Finding(code=code, facts=facts, reply=reply)


def _code(reply: ServerReply, *, encrypted: bool) -> str:
    known = next((code for code, text in _TEXTS if text.search(reply.text)), None)
    if known == "auth_needs_tls" and encrypted:
        known = None
    if known is not None:
        return known
    if reply.code in _TEMPORARY:
        return "temporary_auth_failure"
    if not encrypted and (reply.code == _ENCRYPTION_REQUIRED or reply.enhanced in _NEEDS_TLS):
        return "auth_needs_tls"
    if reply.code in _WRONG_MECHANISM or reply.code == _WEAK_MECHANISM:
        return "mechanism_refused"
    return "bad_credentials"

"""Providers' known words about refused sign-ins, the most telling first."""

from __future__ import annotations

import re
from typing import Final


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SWITCHED_OFF: Final = r"(disabled|not (yet )?(been )?(enabled|activated|open|opened)|turned off)"

WORDS: Final = (
    ("bad_credentials", _any_of(
        r"password is incorrect.{0,80}\bor\b",  # Tencent lists every cause that may be
    )),
    ("smtp_auth_disabled", _any_of(
        r"smtpclientauth\w{0,16} is disabled",  # Microsoft 365: tenant or mailbox
        r"does not have access rights to this service",  # Yandex
        r"user has no permission",  # NetEase
        r"(smtp|imap|pop3?)[ /\w]{0,24}(access|auth\w{0,16}|service|sending|account|login)?"
        rf".{{0,12}}{_SWITCHED_OFF}",
        r"(account|user|mailbox)( \S{1,64})? (is |has been |was )?(been )?"
        r"(disabled|suspended|deactivated|inactive)",
    )),
    ("security_defaults", _any_of(
        r"security defaults",
        r"conditional access",
        r"did not meet the criteria to be authenticated",
    )),
    ("basic_auth_disabled", _any_of(
        r"basic auth\w{0,16} (is |has been )?(disabled|not supported|blocked|turned off"
        r"|not allowed)",
        r"(password|legacy) auth\w{0,16} (is |has been )?"
        r"(disabled|not supported|blocked|turned off)",
        r"(use|requires?|only) (oauth|modern auth)",
    )),
    ("app_password_required", _any_of(
        r"app(lication)?[- ]?(specific)? ?password",  # Google, Apple, Yahoo, Mail.ru, Fastmail
        r"parol prilozheniya",  # Mail.ru
        r"authori[sz]ation code to log ?in",  # Tencent
        r"InvalidSecondFactor",
        r"(two|2)[- ]?(factor|step)|multi-?factor|\b2fa\b",
        r"less secure app",
        r"アプリ(用の?)?パスワード|専用パスワード",
        r"授权码|授權碼",
    )),
    ("web_login_required", _any_of(
        r"(log|sign)[- ]?in (via|with|through|using) (your|the|a) (web )?browser",
        r"(log|sign)[- ]?in (via|through|to|at|on).{0,16}(https?:|web ?mail|web ?site)",
        r"WebLoginRequired",
        r"unusual (activity|sign|log)",
        r"(verify|confirm|unlock|activate) your (account|identity)",
        r"accept (the )?(eula|terms|user agreement)",  # Yandex
        r"captcha",
    )),
    ("throttled", _any_of(
        r"too (many|much)",
        r"(rate|attempts?|login|connections?|frequency|credits).{0,24}(limit|exceed)",
        r"throttl",
        r"temporar\w{1,16} (blocked|locked)",
        r"blocked.{0,40}(failed|attempts)",
        r"account (is |has been )?(temporarily )?lock",
        r"slow down|too fast|zu viele|trop de|demasiad",
    )),
    ("auth_needs_tls", _any_of(
        r"(issue|use|requires?|need\w{0,16}|after|without).{0,32}(starttls|tls|ssl|encrypt)",
        r"\b(starttls|tls|ssl|encrypt\w{0,16})\b.{0,40}(required|needed|necessary|first)",
        r"plaintext authentication (disallowed|not allowed)",
    )),
    ("auth_not_offered", _any_of(
        r"auth\w{0,16}( command)? (is )?not (enabled|implemented|available|permitted|advertised)",
        r"when not advertised",  # Exim
    )),
    ("mechanism_refused", _any_of(
        r"(invalid|unsupported|unknown|unrecogni[sz]ed) (auth\w{0,16} )?(mechanism|type|method)",
        r"mechanism.{0,24}(not supported|disabled|too weak)|no mechanism available",
        r"password transition",  # RFC 4954 6: the mechanism wants another login first
    )),
    ("temporary_auth_failure", _any_of(
        r"system (is )?busy|internal (server )?error|temporary (auth|failure|error|problem|system)",
        r"(directory|backend|database|auth\w{0,16} server).{0,24}(unavailable|unreachable|down)",
    )),
)  # fmt: skip
"""Code → the words that name it; a 5xx that says so is as temporary as a 4xx."""

WRONG_PASSWORD: Final = _any_of(
    r"(auth\w{0,16}|log[io]n|sign[- ]?in|credentials?|password).{0,24}"
    r"(fail|invalid|incorrect|wrong|unsuccessful|reject|denied)",
    r"(invalid|incorrect|bad|wrong).{0,24}(auth|log[io]n|user|password|credential)",
)
"""What servers say of a wrong password where their reply code says something else."""

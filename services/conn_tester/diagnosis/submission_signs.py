"""Signs by which a refused sender, recipient or message tells its code, the most telling first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One of these in a refusal tells its code: an enhanced code (without its class) or a text.

    With `even_if_temporary` a 4xx says it, too; others are then only a matter of time.
    """

    code: str
    parts: frozenset[str]
    enhanced: frozenset[str]
    text: re.Pattern[str]
    even_if_temporary: bool


def _sign(
    code: str, parts: str, *patterns: str, enhanced: str = "", even_if_temporary: bool = False
) -> Sign:
    return Sign(
        code=code,
        parts=frozenset(parts.split()),
        enhanced=frozenset(enhanced.split()),
        text=re.compile("|".join(patterns), re.IGNORECASE),
        even_if_temporary=even_if_temporary,
    )


_ANY: Final = "mail rcpt data"
SIGNS: Final = (
    _sign(
        "tls_required", _ANY,
        r"(issue|use|requires?|need\w{0,16}|without).{0,32}(starttls|tls|ssl|encrypt)",
        r"\b(starttls|tls|ssl|encryption)\b.{0,24}(required|needed|necessary)",
        enhanced="7.10 7.11", even_if_temporary=True,
    ),
    _sign(
        "ehlo_name_refused", _ANY,
        r"\b(helo|ehlo)\b.{0,40}(reject|refus|invalid|denied|not (valid|allowed|accepted))",
        r"\b(helo|ehlo)\b.{0,24}(should|must) be|(invalid|bad|bogus|forged) (helo|ehlo)",
        even_if_temporary=True,
    ),
    _sign(
        "temporarily_unavailable", _ANY,  # what the account may send in a time, not the setting
        r"(daily|hourly|monthly|sending|message|throttling|messaging|relay).{0,40}"
        r"(quota|rate|limits?).{0,16}exceed",
        r"exceeded your.{0,24}(limit|quota)|throttling failure",
        r"(sending|account).{0,16}paused|exceeded.{0,16}threshold",
        r"receiving mail (too quickly|at a rate)",
        enhanced="4.5 7.705", even_if_temporary=True,
    ),
    _sign(
        "blocklisted", _ANY,
        r"spamhaus|spamcop|barracuda|dnsbl|\brbl\b|sorbs",
        r"(block|black|deny)[- ]?list|black list",
        r"blocked using",
        r"(ip|host|client|server|address|network).{0,40}banned|(poor|bad|low) reputation",
        r"banned sending ip|traffic not accepted from this ip",
        r"IP you're using to send mail",  # Gmail
        r"S3140|S3150",  # Microsoft
        enhanced="7.511 7.606 7.607 7.608 7.609 7.708", even_if_temporary=True,
    ),
    _sign(
        "auth_required", _ANY,
        r"(unauthenticated|anonymous) (senders?|clients?|users?)",
        r"must issue an? auth",  # OpenSMTPD
        r"turn on smtp auth|without auth\w{0,16}",  # cPanel
        enhanced="7.57",  # Microsoft 365
        even_if_temporary=True,
    ),
    _sign(
        "sender_not_allowed", _ANY,
        r"not owned by",  # Postfix, Yandex
        r"(permi(tted|ssion\w{0,16})|right\w{0,16}|allowed|authori[sz]ed|entitled) to (send|use)"
        r".{0,24}(\bas\b|from|sender|this address|on behalf)",
        r"not authori[sz]ed to perform",  # Amazon SES
        r"(cannot|can't|may not|must not) (send|use)"
        r".{0,24}(\bas\b|from|sender|this address|on behalf)",
        r"SendAsDenied",  # Microsoft 365
        r"relaying disallowed as|not allowed to relay emails",  # Zoho
        r"not one of your addresses",  # iCloud
        r"not (a )?local sender",  # Mail.ru
        r"sender (address )?(is )?not (allowed|authori[sz]ed|permitted)",
        r"incorrect authentication for",  # James
        r"(mail from|sender|from).{0,40}(same as|equal|match).{0,40}(auth|login|user|account)",
        r"(sender|from).{0,40}(does not|doesn't|must|not) (match|belong).{0,40}"
        r"(auth|login|user|account)",
        r"(auth|login|account|credential|user).{0,40}(does not|doesn't|do not|not) match.{0,24}"
        r"(sender|from)",
        r"not in (the )?allowed[- ]senders",
        enhanced="7.60 7.124 2.252",
    ),
    _sign(
        "sender_not_verified", _ANY,
        r"(address|sender|identit\w{1,16}|domain|from).{0,24}(is |are |was )?not (been )?"
        r"(verified|validated|confirmed)",
        r"(sender|domain|from).{0,24}must be (verified|validated)",
        r"domain \S{1,64} is not auth|unregistered domain|verify your domain",
        r"sender is invalid|unconfigured sending domain",  # Brevo, SparkPost
        r"verified sender identity",  # SendGrid
        r"not a sender signature",  # Postmark
        r"for test purposes only",  # Mailgun
        r"(sender|from).{0,60}validate (it|your sender)",  # Brevo
        r"\b(spf|dkim|dmarc)\b",
        enhanced="7.20 7.23 7.24 7.26 7.509 7.515 7.750", even_if_temporary=True,
    ),
    _sign(
        "greylisted", "mail rcpt data",
        r"gr[ea]y[- ]?list",
        r"come back (later|in \d)",
        r"(try|retry) (again )?(in|after) \d{1,9} ?(s|m)",
        even_if_temporary=True,
    ),
    _sign(
        "mailbox_full", "rcpt data",
        r"(mailbox|inbox|account|recipient|user|storage).{0,32}(is )?(full|over ?quota)",
        r"over ?quota|quota.{0,16}exceeded|exceed\w{0,16}.{0,24}(quota|storage)|out of storage",
        enhanced="2.2", even_if_temporary=True,
    ),
    _sign(
        "relay_denied", _ANY,
        r"relay\w{0,16} .{0,40}(denied|prohibited|rejected|not (permitted|allowed))",
        r"unable to relay",
        enhanced="7.64 7.54", even_if_temporary=True,
    ),
    _sign(
        "auth_required", _ANY,
        r"(auth\w{0,16}|log ?in|sign[- ]?in) (is )?(required|needed)|requires? (smtp )?auth",
        r"(must|please|need to) (first )?(be )?(authenticat|log ?in|sign[- ]?in)",
        r"not (been )?(authenticated|logged in)",
        r"(authenticate|log[- ]?in|sign[- ]?in) (first|before)",
        even_if_temporary=True,
    ),
    _sign(
        "sender_refused", "rcpt data",
        r"sender (address )?(rejected|denied|refused|blocked)|bad outbound sender",
        r"(sender|return) (domain|address).{0,40}(not|invalid|unknown)",
        r"sender verify failed",  # Exim
        enhanced="1.7 1.8",
    ),
    _sign(
        "relay_denied", "rcpt data",
        r"\brelay",
        r"rcpthosts",  # qmail
        r"cannot deliver mail for",  # Haraka
        r"delivery is not allowed to this address",  # hMailServer
        r"(not|non)[- ](local|accepted) (user|domain)|user (is )?not local",
    ),
    _sign(
        "message_too_large", "mail data",
        r"(message|size|mail|length).{0,40}(too (large|big|long)|exceed)",
        enhanced="3.4 2.3",
    ),
    _sign(
        "recipient_unknown", "rcpt data",
        r"(unknown|invalid|no such|non-?existent|bad) (local )?(user|recipient|mailbox|person)",
        r"(user|recipient|mailbox|account|address).{0,60}"
        r"(unknown|not (found|exist)|does(n't| not) exist|no longer|disabled|inactive|invalid)",
        r"no mailbox here",  # qmail
        r"unrouteable address",  # Exim
        enhanced="1.0 1.1 1.2 1.3 1.6 1.10 2.1 4.1",  # Microsoft says 5.4.1 of unknown people
    ),
    _sign(
        "refused_by_policy", "rcpt",
        r"behaviou?r|\bspam\b|\bpolicy\b|prohibit|banned",
    ),
)  # fmt: skip
"""Reply codes are of RFC 5321 4.2, enhanced codes of RFC 3463 and its registry."""

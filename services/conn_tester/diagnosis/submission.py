"""What a refused sender, recipient or message means: reply code, enhanced code, text together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from services.conn_tester.diagnosis.finding import Finding

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply

Part = Literal["mail", "rcpt", "data"]

_TEMPORARY: Final = range(400, 500)
_POSITIVE: Final = range(200, 400)
_NOT_SIGNED_IN: Final = 530
_READ_LENGTH: Final = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What was said before the refusal; `user` is None where nobody has signed in."""

    part: Part
    sender: str
    recipient: str
    user: str | None
    encrypted: bool
    starttls_offered: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sign:
    """One of these in a refusal tells its code: an enhanced code (without its class) or a text."""

    code: str
    parts: frozenset[str]
    enhanced: frozenset[str] = frozenset()
    text: re.Pattern[str]


def _sign(code: str, parts: str, *patterns: str, enhanced: str = "") -> _Sign:
    return _Sign(
        code=code,
        parts=frozenset(parts.split()),
        enhanced=frozenset(enhanced.split()),
        text=re.compile("|".join(patterns), re.IGNORECASE),
    )


_ANY: Final = "mail rcpt data"
_SIGNS: Final = (
    _sign(
        "tls_required", _ANY,
        r"(issue|use|requires?|need\w*|without).{0,32}(starttls|tls|ssl|encrypt)",
        r"(starttls|tls|ssl|encryption) (is )?(required|needed)",
        enhanced="7.10 7.11",
    ),
    _sign(
        "blocklisted", _ANY,
        r"spamhaus|spamcop|barracuda|dnsbl|\brbl\b|sorbs",
        r"(block|black|deny)[- ]?list",
        r"blocked using",
        r"(ip|host|client|server|address|network).{0,40}(banned|(poor|bad|low) reputation)",
        r"banned sending ip",
        r"S3140|S3150",  # Microsoft
        enhanced="7.511 7.606 7.607 7.608 7.609",
    ),
    _sign(
        "sender_not_allowed", _ANY,
        r"not owned by user",  # Postfix
        r"(permission\w*|right\w*|allowed|authori[sz]ed|entitled) to (send|use).{0,24}"
        r"(\bas\b|from|sender|this address|on behalf)",
        r"SendAsDenied",  # Microsoft 365
        r"(mail from|sender|from).{0,40}(same as|equal|match).{0,40}(auth|login|user|account)",
        r"(sender|from).{0,40}(does not|doesn't|must|not) (match|belong).{0,40}"
        r"(auth|login|user|account)",
        enhanced="7.60 2.252",
    ),
    _sign(
        "sender_not_verified", _ANY,
        r"(address|sender|identit\w+|domain|from).{0,24}(is |are |was )?not (been )?verified",
        r"verified sender identity",  # SendGrid
        r"not a sender signature",  # Postmark
        r"(sender|from).{0,60}validate (it|your sender)",  # Brevo
        r"\b(spf|dkim|dmarc)\b",
        enhanced="7.20 7.23 7.24 7.26 7.509 7.515",
    ),
    _sign(
        "greylisted", "mail rcpt data",
        r"gr[ea]y[- ]?list",
        r"come back (later|in \d)",
        r"(try|retry) (again )?(in|after) \d+ ?(s|m)",
    ),
    _sign(
        "mailbox_full", "rcpt data",
        r"(mailbox|inbox|account|recipient|user|storage).{0,32}(is )?(full|over ?quota)",
        r"over ?quota|quota.{0,16}exceeded|exceed\w*.{0,24}(quota|storage)|out of storage",
        enhanced="2.2",
    ),
    _sign(
        "auth_required", _ANY,
        r"(auth\w*|log ?in|sign[- ]?in) (is )?(required|needed)",
        r"(must|please|need to) (first )?(be )?(authenticat|log ?in|sign[- ]?in)",
        r"not (been )?(authenticated|logged in)",
        enhanced="7.57",  # Microsoft 365
    ),
    _sign(
        "relay_denied", "rcpt data",
        r"\brelay",
        r"rcpthosts",  # qmail
        r"(not|non)[- ](local|accepted) (user|domain)|user (is )?not local",
        enhanced="7.64 7.54 4.1",
    ),
    _sign(
        "message_too_large", "mail data",
        r"(message|size|mail|length).{0,40}(too (large|big|long)|exceed)",
        enhanced="3.4",
    ),
    _sign(
        "sender_refused", "rcpt",
        r"sender address rejected|(sender|return) (domain|address).{0,40}(not|invalid|unknown)",
        enhanced="1.7 1.8",
    ),
    _sign(
        "recipient_unknown", "rcpt data",
        r"(unknown|invalid|no such|non-?existent|bad) (local )?(user|recipient|mailbox|person)",
        r"(user|recipient|mailbox|account|address).{0,60}"
        r"(unknown|not (found|exist)|does(n't| not) exist|no longer|disabled|inactive|invalid)",
        r"unrouteable address",  # Exim
        enhanced="1.0 1.1 1.2 1.3 1.6 1.10 2.1",
    ),
)  # fmt: skip

_BY_PART: Final = {
    "mail": "sender_refused",
    "rcpt": "recipient_unknown",
    "data": "content_rejected",
}
_EVEN_IF_TEMPORARY: Final = frozenset(
    {"tls_required", "auth_required", "greylisted", "mailbox_full", "blocklisted"}
)


def judge_submission(reply: ServerReply, submission: Submission) -> Finding:
    """Return what a reply to MAIL, RCPT, DATA or the message means that is no acceptance.

    Reply codes are of RFC 5321 4.2, enhanced codes of RFC 3463 and its registry; a 4xx is a matter
    of time unless it names a cause of its own.
    """
    code = _code(reply, submission)
    fix = None
    if code == "tls_required" and submission.starttls_offered:
        fix = {"security": "starttls"}
    facts = {
        "reply": reply.quoted,
        "sender": submission.sender,
        "recipient": submission.recipient,
        "user": submission.user,
    }
    return Finding(code=code, facts=facts, fix=fix, reply=reply)


def _code(reply: ServerReply, submission: Submission) -> str:
    if reply.code in _POSITIVE:
        return "protocol_error"
    known = next((sign.code for sign in _SIGNS if _applies(sign, reply, submission)), None)
    if reply.code in _TEMPORARY:
        return known if known in _EVEN_IF_TEMPORARY else "temporarily_unavailable"
    if known is not None:
        return known
    if reply.code == _NOT_SIGNED_IN and submission.user is None:
        return "auth_required"
    if submission.part == "rcpt" and _is_policy(reply):
        return "relay_denied" if submission.user is None else "refused_by_policy"
    return _BY_PART[submission.part]


def _applies(sign: _Sign, reply: ServerReply, submission: Submission) -> bool:
    if submission.part not in sign.parts:
        return False
    if sign.code == "tls_required" and submission.encrypted:
        return False
    if sign.code == "greylisted" and reply.code not in _TEMPORARY:
        return False
    rest = reply.enhanced[2:] if reply.enhanced else None
    return rest in sign.enhanced or sign.text.search(reply.text[:_READ_LENGTH]) is not None


def _is_policy(reply: ServerReply) -> bool:
    return reply.enhanced is not None and reply.enhanced[2:].startswith("7.")

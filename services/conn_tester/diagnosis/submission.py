"""What a refused sender, recipient or message means: reply code, enhanced code, text together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from services.conn_tester.diagnosis.finding import Finding
from services.conn_tester.diagnosis.submission_signs import SIGNS

if TYPE_CHECKING:
    from services.conn_tester.diagnosis.submission_signs import Sign
    from services.conn_tester.reply import ServerReply

Part = Literal["mail", "rcpt", "data"]

_TEMPORARY: Final = range(400, 500)
_POSITIVE: Final = range(200, 400)
_NOT_SIGNED_IN: Final = 530
_LATER: Final = re.compile(
    r"(please,? )?(re)?try( again)? later\W{0,3}", re.IGNORECASE
)  # RFC 6647 5.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What was said before the refusal; `user` is None where nobody has signed in."""

    part: Part
    sender: str
    recipient: str
    user: str | None
    encrypted: bool
    starttls_offered: bool
    ehlo_name: str


_BY_PART: Final = {
    "mail": "sender_refused",
    "rcpt": "recipient_unknown",
    "data": "content_rejected",
}


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
        "ehlo_name": submission.ehlo_name,
    }
    return Finding(code=code, facts=facts, fix=fix, reply=reply)


def _code(reply: ServerReply, submission: Submission) -> str:
    if reply.code in _POSITIVE:
        return "protocol_error"
    known = next((sign.code for sign in SIGNS if _applies(sign, reply, submission)), None)
    if reply.code in _TEMPORARY:
        return known or _temporary(reply, submission)
    if known is not None:
        return known
    if reply.code == _NOT_SIGNED_IN and submission.user is None:
        return "auth_required"
    if submission.part == "rcpt" and _is_policy(reply):
        return "relay_denied" if submission.user is None else "refused_by_policy"
    return _BY_PART[submission.part]


def _temporary(reply: ServerReply, submission: Submission) -> str:
    """Return what a 4xx of no other known cause is: rspamd says no more of its greylisting."""
    later = submission.part != "mail" and reply.status == "4.7.1" and _LATER.fullmatch(reply.text)
    return "greylisted" if later else "temporarily_unavailable"


def _applies(sign: Sign, reply: ServerReply, submission: Submission) -> bool:
    temporary = reply.code in _TEMPORARY
    if submission.part not in sign.parts or (temporary and not sign.even_if_temporary):
        return False
    if sign.code == "tls_required" and submission.encrypted:
        return False
    if sign.code == "greylisted" and not temporary:
        return False
    rest = reply.status[2:] if reply.status else None
    return rest in sign.enhanced or sign.text.search(reply.text) is not None


def _is_policy(reply: ServerReply) -> bool:
    return reply.enhanced is not None and reply.enhanced[2:].startswith("7.")

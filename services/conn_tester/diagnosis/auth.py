"""What a refused sign-in means: codes and the providers' known texts together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.conn_tester.diagnosis.finding import Finding
from services.conn_tester.diagnosis.sign_in_texts import WORDS, WRONG_PASSWORD
from services.conn_tester.diagnosis.switches import switch_for

if TYPE_CHECKING:
    from services.conn_tester.reply import ServerReply


_BY_STATUS: Final = {
    "7.8": "bad_credentials",
    "7.9": "mechanism_refused",  # too weak
    "7.10": "auth_needs_tls",
    "7.11": "auth_needs_tls",
    "7.12": "mechanism_refused",  # another login has to come first
    "7.13": "smtp_auth_disabled",
}
_UNDER_TLS: Final = 538  # of the mechanism, so another one may do: RFC 4954 6
_BY_CODE: Final = {
    500: "mechanism_refused",
    501: "mechanism_refused",
    502: "mechanism_refused",
    503: "mechanism_refused",
    504: "mechanism_refused",
    523: "auth_needs_tls",
    534: "mechanism_refused",
    538: "auth_needs_tls",
}
_OF_THE_COMMAND: Final = range(500, 505)
_TEMPORARY: Final = range(400, 500)
_POSITIVE: Final = range(200, 400)


def judge_refused_sign_in(
    reply: ServerReply, *, mechanism: str, host: str, user: str, encrypted: bool
) -> Finding:
    """Return what a reply to AUTH other than 235 and 334 means (RFC 4954 6).

    `encrypted` tells whether TLS is in force: a server that asks for it then means something else.
    """
    code = _code(reply, encrypted=encrypted)
    switch = switch_for(code, reply, host=host, user=user)
    facts = {"reply": reply.quoted, "mechanism": mechanism, "user": user, "switch": switch}
    return Finding(code=code, facts=facts, reply=reply)


def _code(reply: ServerReply, *, encrypted: bool) -> str:
    if reply.code in _POSITIVE:
        return "protocol_error"
    text = reply.text
    for code, words in WORDS:
        if words.search(text) and _is_possible(code, reply, encrypted=encrypted):
            return code
    if reply.code in _OF_THE_COMMAND and WRONG_PASSWORD.search(text):
        return "bad_credentials"
    status = reply.status[2:] if reply.status else ""
    for code in filter(None, (_BY_STATUS.get(status), _BY_CODE.get(reply.code))):
        if _is_possible(code, reply, encrypted=encrypted):
            return code
    if reply.code == _UNDER_TLS:
        return "mechanism_refused"
    return "temporary_auth_failure" if reply.code in _TEMPORARY else "bad_credentials"


def _is_possible(code: str, reply: ServerReply, *, encrypted: bool) -> bool:
    """Rule out TLS under TLS, and a 4xx about the password, which was not judged then."""
    if code == "auth_needs_tls":
        return not encrypted
    return code != "bad_credentials" or reply.code not in _TEMPORARY

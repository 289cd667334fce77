"""Step `auth`: one login, never a password before TLS that was asked for."""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from events.scrub import REPLACEMENT
from services.conn_tester.certificate import end_point
from services.conn_tester.diagnosis.auth import judge_refused_sign_in
from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.diagnosis.tls import judge_ended_tls
from services.conn_tester.diagnosis.token import judge_token
from services.conn_tester.dialogue import (
    DialogueError,
    NotAReply,
    Silent,
    TlsBroke,
    Unfinished,
)
from services.conn_tester.limits import in_ms
from services.conn_tester.probe.extensions import offered_mechanisms, without_helo
from services.conn_tester.probe.preference import for_password, warn_of_java
from services.conn_tester.sasl.bearer import Bearer
from services.conn_tester.sasl.exchange import BadChallenge, Login, SignatureWrong
from services.conn_tester.sasl.mechanisms import FOR_PASSWORDS, FOR_TOKENS, PLUS, exchange

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.reply import ServerReply
    from services.conn_tester.sasl.exchange import Exchange
    from services.conn_tester.secret import Secret

_ACCEPTED: Final = 235
_CHALLENGE: Final = 334


async def authenticate(probe: Probe, detail: dict[str, Any]) -> None:
    """Sign in with user and password, once; for OAuth mechanisms the password is the token."""
    sign_in = probe.target.sign_in
    if sign_in.user is None or sign_in.password is None:
        raise conclude("credentials_missing", field="password")
    mechanism = _chosen(probe)
    warn_of_java(probe, mechanism)
    detail["mechanism"] = mechanism
    encrypted = probe.tls is not None
    if probe.target.security != "none" and not encrypted:
        raise RuntimeError("a password would travel in plain text")
    if not encrypted:
        probe.record.warn("password_without_tls")
    login = _login(probe, mechanism, sign_in.user, sign_in.password)
    under_way = exchange(mechanism, login)
    try:
        reply = await _log_in(probe, mechanism, under_way)
    except DialogueError as error:
        raise Concluded(_without_answer(probe, mechanism, error)) from None
    except SignatureWrong:
        raise conclude("server_signature_wrong", mechanism=mechanism) from None
    if reply.code != _ACCEPTED:
        raise Concluded(_refused(probe, reply, mechanism, under_way))
    if not under_way.complete:
        raise conclude("server_signature_wrong", mechanism=mechanism)
    probe.signed_in_as = sign_in.user


def _chosen(probe: Probe) -> str:
    """Return the mechanism that the setting asks for, or the best one on both sides."""
    offered = offered_mechanisms(probe.extensions)
    if not offered:
        raise Concluded(_nothing_offered(probe))
    target = probe.target
    asked = target.sign_in.mechanism
    wanted = (asked,) if asked is not None else _usual(probe)
    if wanted and not set(offered) & set(FOR_TOKENS) and set(wanted) <= set(FOR_TOKENS):
        raise conclude("oauth_not_offered", mechanism=wanted[0], offered=list(offered))
    if asked is not None and asked not in offered:
        raise Concluded(_asked_in_vain(probe, asked, offered))
    spoken = [name for name in wanted if _is_spoken(probe, name)]
    for name in spoken:
        if name in offered:
            return name
    code = "oauth_required" if set(offered) <= set(FOR_TOKENS) else "no_common_mechanism"
    raise conclude(code, offered=list(offered), supported=spoken or list(wanted))


def _asked_in_vain(probe: Probe, asked: str, offered: tuple[str, ...]) -> Finding:
    """Return what it means that the setting's mechanism is not there; without it another may do."""
    others = FOR_TOKENS if asked in FOR_TOKENS else FOR_PASSWORDS
    choosing = any(name in offered and _is_spoken(probe, name) for name in others)
    facts = {"mechanism": asked, "offered": list(offered)}
    fix = {"auth": {"mechanism": None}} if choosing else None
    return Finding(code="mechanism_not_offered", facts=facts, fix=fix)


def _usual(probe: Probe) -> tuple[str, ...]:
    """Return the mechanisms that come into question, in the order in which they are tried."""
    target = probe.target
    if target.sign_in.method != "access_token":
        return target.mechanisms or for_password(probe)
    return tuple(name for name in target.mechanisms if name in FOR_TOKENS) or FOR_TOKENS


def _is_spoken(probe: Probe, name: str) -> bool:
    if name.endswith(PLUS) and _end_point(probe) is None:
        return False
    return name in FOR_PASSWORDS or name in FOR_TOKENS


def _login(probe: Probe, mechanism: str, user: str, password: Secret) -> Login:
    binding = _end_point(probe) if mechanism.startswith("SCRAM-") else None
    offered = any(name.endswith(PLUS) for name in offered_mechanisms(probe.extensions))
    return Login(
        user=user,
        password=password,
        authorized_as=probe.target.behaviour.authorization_id,
        host=probe.target.host,
        port=probe.target.port,
        binding=binding,
        binding_unoffered=binding is not None and not offered,
    )


def _end_point(probe: Probe) -> bytes | None:
    return end_point(probe.chain[0]) if probe.chain else None


def _nothing_offered(probe: Probe) -> Finding:
    if probe.tls is None and "STARTTLS" in probe.extensions:
        return Finding(code="auth_needs_tls", fix={"security": "starttls"})
    probe.record.warn("java_skips_sign_in")
    facts = {"extensions": list(probe.extensions)}
    return Finding(code="auth_not_offered", facts=facts, fix=without_helo(probe))


async def _log_in(probe: Probe, mechanism: str, under_way: Exchange) -> ServerReply:
    """Run the exchange of RFC 4954 and return the reply that ends it."""
    limit_s = probe.limits.read_s
    command = noted = f"AUTH {mechanism}"
    initial = under_way.initial()
    if initial is not None:
        command, noted = f"{command} {_encoded(initial)}", f"{noted} {REPLACEMENT}"
    reply = await probe.talk.ask(command, limit_s=limit_s, noted=noted)
    while reply.code == _CHALLENGE:
        try:
            # beside the loop: SCRAM's work is as much as the server asks for
            answer = await asyncio.to_thread(under_way.answer, _challenge(reply))
        except (BadChallenge, binascii.Error, ValueError):
            facts = {"reply": reply.quoted}
            raise Concluded(Finding(code="protocol_error", facts=facts, reply=reply)) from None
        reply = await probe.talk.ask(_encoded(answer), limit_s=limit_s, noted=REPLACEMENT)
    return reply


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _challenge(reply: ServerReply) -> bytes:
    text = reply.lines[-1].strip()
    if REPLACEMENT in text:  # it echoed a secret, as a refusal of a token may do
        return b""
    return b64decode(text, validate=True)


def _refused(probe: Probe, reply: ServerReply, mechanism: str, under_way: Exchange) -> Finding:
    sign_in = probe.target.sign_in
    finding = judge_refused_sign_in(
        reply,
        mechanism=mechanism,
        host=probe.target.host,
        user=sign_in.user or "",
        encrypted=probe.tls is not None,
    )
    if isinstance(under_way, Bearer) and finding.code in {"bad_credentials", "mechanism_refused"}:
        token = sign_in.password.reveal() if sign_in.password else ""
        told = judge_token(token, under_way.error or {}, now=probe.tools.now())
        clean = probe.journal.scrub.clean
        told = {name: clean(value) for name, value in told.items()}
        return replace(finding, code="token_rejected", facts={**finding.facts, **told})
    return replace(finding, fix=_fix_of_refusal(probe, finding, mechanism))


def _fix_of_refusal(probe: Probe, finding: Finding, mechanism: str) -> dict[str, Any] | None:
    if finding.code == "auth_needs_tls" and "STARTTLS" in probe.extensions:
        return {"security": "starttls"}
    if finding.code != "mechanism_refused":
        return None
    offered = offered_mechanisms(probe.extensions)
    if finding.reply and finding.reply.status == "4.7.12" and "PLAIN" in offered:
        return {"auth": {"mechanism": "PLAIN"}}  # as RFC 4954 6 has it
    others = (name for name in FOR_PASSWORDS if name in offered and name != mechanism)
    other = next((name for name in others if not name.endswith(PLUS)), None)
    return {"auth": {"mechanism": other}} if other else None


def _without_answer(probe: Probe, mechanism: str, error: DialogueError) -> Finding:
    facts: dict[str, Any] = {"mechanism": mechanism}
    match error:
        case NotAReply():
            return Finding(code="protocol_error", facts={"reply": error.text})
        case Silent() | Unfinished():
            return Finding(
                code="auth_timeout", facts={**facts, "limit_ms": in_ms(probe.limits.read_s)}
            )
        case TlsBroke():
            return judge_ended_tls(error.error)
    return Finding(code="closed_in_auth", facts=facts)

"""Step `tls`: from the first byte or by STARTTLS, never falling back to plain text."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from services.conn_tester.certificate import describe, load_chain, load_pem, name_of, when
from services.conn_tester.ciphers import is_tls_1_3
from services.conn_tester.contexts import (
    OLD_VERSIONS,
    NothingLeft,
)
from services.conn_tester.diagnosis.certificate import (
    Refused,
    judge_certificate,
    lacks_alternative_name,
)
from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.diagnosis.greeting import READY, judge_ehlo, masked_extension
from services.conn_tester.diagnosis.tls import (
    asks_for_certificate,
    judge_ended_tls,
    judge_handshake,
)
from services.conn_tester.dialogue import (
    DialogueError,
    HungUp,
    NotAReply,
    Silent,
    TlsBroke,
    Unfinished,
    WasReset,
)
from services.conn_tester.limits import in_ms
from services.conn_tester.probe import look
from services.conn_tester.probe.config import literal_address
from services.conn_tester.probe.extensions import without_helo
from services.conn_tester.probe.greet import take_extensions
from services.conn_tester.probe.suggest import name_of_same_server
from services.conn_tester.probe.trust import check_trust
from services.conn_tester.probe.versions import any_suite, judge_versions
from services.conn_tester.reply import shown
from services.conn_tester.wire import ClosedByPeer, Flooded, ResetByPeer, TlsFailed

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.wire import Wire

_SOON: Final = timedelta(days=21)


async def start_tls(probe: Probe, detail: dict[str, Any]) -> None:
    """Upgrade by STARTTLS (RFC 3207) and ask again what is offered."""
    if "STARTTLS" not in probe.extensions:
        raise Concluded(_not_offered(probe))
    try:
        reply = await probe.talk.ask("STARTTLS", limit_s=probe.limits.read_s)
    except DialogueError as error:
        raise Concluded(_without_consent(probe, error)) from None
    if reply.code != READY:
        facts = {"reply": reply.quoted}
        raise Concluded(Finding(code="starttls_refused", facts=facts, reply=reply))
    if unread := probe.talk.take_unread():
        raise conclude("starttls_injection", seen=_readable(probe, unread))
    await secure(probe, detail)
    await _ask_again(probe)


async def secure(probe: Probe, detail: dict[str, Any]) -> None:
    """Do the handshake with every check, and tell what was agreed on."""
    wire, target = probe.wire, probe.target
    if wire is None:
        raise RuntimeError("no connection yet")
    context = _context(probe)
    try:
        async with asyncio.timeout(probe.limits.read_s):
            await wire.secure(context, literal_address(target.host) or target.host.rstrip("."))
    except TimeoutError:
        raise Concluded(await _unanswered(probe, "handshake_timeout")) from None
    except ClosedByPeer as error:
        if asks_for_certificate(error.opening):  # and hung up without an alert when none came
            raise conclude("client_certificate_required") from None
        raise Concluded(await _unanswered(probe, "closed_in_handshake")) from None
    except ResetByPeer:
        raise Concluded(await _unanswered(probe, "closed_in_handshake")) from None
    except Flooded:
        raise conclude("server_tls_broken") from None
    except TlsFailed as error:
        finding = await _failed(probe, error)
        detail.update(_brief(probe.tls))
        raise Concluded(finding) from None
    _take_agreement(probe, wire)
    detail.update(_brief(probe.tls))
    check_trust(probe)


def _context(probe: Probe) -> ssl.SSLContext:
    """Return the context that keeps what the setting and its properties say."""
    target, behaviour = probe.target, probe.target.behaviour
    contexts, suites = probe.tools.contexts, probe.target.behaviour.cipher_suites
    try:
        if behaviour.trusted is not None:
            return contexts.trusting(target.tls_protocols, suites)
        return contexts.verifying(
            target.tls_protocols, target.ca_pem, suites=suites, identity=behaviour.checks_identity
        )
    except NothingLeft as error:
        facts = {"alert": str(error)}
        raise Concluded(Finding(code="no_common_cipher", facts=facts)) from None


def _not_offered(probe: Probe) -> Finding:
    if (mask := masked_extension(probe.extensions, banner=probe.banner or "")) is not None:
        return Finding(code="starttls_stripped", facts={"seen": mask})
    facts = {"extensions": list(probe.extensions)}
    return Finding(code="starttls_not_offered", facts=facts, fix=without_helo(probe))


def _without_consent(probe: Probe, error: DialogueError) -> Finding:
    match error:
        case NotAReply():
            return Finding(code="server_tls_broken", facts={"seen": error.text})
        case Silent() | Unfinished():
            limit_ms = in_ms(probe.limits.read_s)
            return Finding(code="handshake_timeout", facts={"limit_ms": limit_ms})
    return Finding(code="closed_in_handshake")


async def _unanswered(probe: Probe, code: str) -> Finding:
    """Judge a handshake without an answer: a port that greets first wants another `security`."""
    if probe.target.security == "implicit_tls":
        seen = await look.plain_greeting(probe)
        if seen is not None:
            return _expects_plain(seen)
    if code == "closed_in_handshake":  # as do servers that tell no alert
        versions = await judge_versions(probe)
        if versions.facts["accepted"]:
            return versions
    return Finding(code=code, facts={"limit_ms": in_ms(probe.limits.read_s)})


def _expects_plain(seen: look.PlainSeen) -> Finding:
    security = "starttls" if seen.offers_starttls else "none"
    facts = {"reply": seen.greeting.quoted}
    return Finding(code="port_expects_plain", facts=facts, fix={"security": security})


async def _failed(probe: Probe, error: TlsFailed) -> Finding:
    if isinstance(error.error, ssl.SSLCertVerificationError):
        return await _refused_certificate(probe, error.error)
    implicit = probe.target.security == "implicit_tls"
    finding = judge_handshake(error.error, error.opening, implicit=implicit)
    if finding.code == "port_expects_plain":
        seen = await look.plain_greeting(probe)
        return finding if seen is None else _expects_plain(seen)
    if finding.code == "protocol_version":
        return await judge_versions(probe)
    if finding.code == "no_common_cipher" and probe.target.behaviour.cipher_suites:
        finding = replace(finding, fix=any_suite(probe))
    return _scrubbed(probe, finding)


async def _refused_certificate(probe: Probe, error: ssl.SSLCertVerificationError) -> Finding:
    chain = load_chain(await look.refused_chain(probe))
    probe.tls = {"version": None, "cipher": None, "certificate": describe(chain)}
    finding = judge_certificate(
        Refused(
            verify_code=error.verify_code,
            chain=chain,
            private_ca=_private_anchors(probe),
            now=probe.tools.now(),
        )
    )
    if finding.code == "cert_wrong_host":
        name = await name_of_same_server(probe, finding.facts["names"])
        return replace(finding, fix={"host": name} if name else None)
    return finding


def _private_anchors(probe: Probe) -> tuple[x509.Certificate, ...]:
    """Return the setting's own anchors and the deployment's."""
    return load_pem(probe.target.ca_pem) + load_pem(probe.tools.contexts.extra_ca_pem)


def _brief(tls: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the step tells of the result's `tls`: what is known, without its structure."""
    if tls is None:
        return {}
    certificate = tls["certificate"] or {}
    told = {
        "version": tls["version"],
        "cipher": tls["cipher"],
        **{name: certificate.get(name) for name in ("subject", "issuer", "not_after")},
    }
    return {name: value for name, value in told.items() if value is not None}


def _take_agreement(probe: Probe, wire: Wire) -> None:
    if wire.tls is None:
        raise RuntimeError("no TLS yet")
    cipher = wire.tls.cipher()
    chain = probe.chain = load_chain(wire.peer_chain())
    version = wire.tls.version()
    probe.tls = {
        "version": version,
        "cipher": cipher[0] if cipher else None,
        "certificate": describe(chain),
    }
    if version in OLD_VERSIONS:
        probe.record.warn("old_protocol", version=version)
    if chain:
        _warn_of_certificate(probe, chain[0])
    suites = probe.target.behaviour.cipher_suites
    if suites and cipher and is_tls_1_3(cipher[0]) and cipher[0] not in suites:
        name = probe.target.behaviour.prefix + "ssl.ciphersuites"
        probe.record.warn("cipher_outside_list", name=name, cipher=cipher[0])


def _warn_of_certificate(probe: Probe, leaf: x509.Certificate) -> None:
    left = leaf.not_valid_after_utc - probe.tools.now()
    subject = name_of(leaf.subject) or probe.target.host
    if left < _SOON:
        probe.record.warn(
            "cert_expires_soon",
            not_after=when(leaf.not_valid_after_utc),
            days=max(left.days, 0),
            subject=subject,
        )
    if lacks_alternative_name(leaf):
        probe.record.warn("cert_without_san", subject=subject)


async def _ask_again(probe: Probe) -> None:
    """Say EHLO under TLS; what was offered in plain text is forgotten (RFC 3207 4.2)."""
    probe.extensions = {}
    try:
        reply = await probe.talk.ask(f"EHLO {probe.ehlo_name}", limit_s=probe.limits.read_s)
    except DialogueError as error:
        raise Concluded(_silent_under_tls(probe, error)) from None
    finding = judge_ehlo(reply, name=probe.ehlo_name, banner=probe.banner or "")
    if finding is not None and finding.code == "ehlo_name_refused":  # which was good before TLS
        facts = {"reply": reply.quoted}
        raise Concluded(Finding(code="protocol_error", facts=facts, reply=reply))
    if finding is not None:
        raise Concluded(finding)
    offered = take_extensions(probe, reply)
    probe.record.amend("ehlo", {f"{name}_after_tls": value for name, value in offered.items()})


def _silent_under_tls(probe: Probe, error: DialogueError) -> Finding:
    version = {"version": probe.tls["version"] if probe.tls else None}
    match error:
        case TlsBroke():
            return judge_ended_tls(error.error)
        case HungUp() | WasReset():
            return Finding(code="closed_after_tls", facts=version)
        case NotAReply():
            return Finding(code="protocol_error", facts={"reply": error.text})
        case Silent():
            limit_ms = in_ms(probe.limits.read_s)
            return Finding(code="reply_timeout", facts={"command": "EHLO", "limit_ms": limit_ms})
    return Finding(code="too_slow", facts={"limit_ms": in_ms(probe.limits.read_s)})


def _scrubbed(probe: Probe, finding: Finding) -> Finding:
    facts = {
        name: probe.journal.scrub.clean(value) if isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return Finding(code=finding.code, facts=facts, fix=finding.fix, step=finding.step)


def _readable(probe: Probe, data: bytes) -> str:
    return shown(probe.journal.scrub.clean(data.decode("utf-8", "backslashreplace")))

"""Step `tls`: from the first byte or by STARTTLS, never falling back to plain text."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from services.conn_tester.certificate import describe, load_chain, name_of, when
from services.conn_tester.contexts import DEFAULT_VERSIONS, OLD_VERSIONS, VERSIONS
from services.conn_tester.diagnosis.certificate import (
    Refused,
    judge_certificate,
    lacks_alternative_name,
)
from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.diagnosis.greeting import READY, masked_extension
from services.conn_tester.diagnosis.tls import judge_ended_tls, judge_handshake
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
from services.conn_tester.probe.greet import take_extensions
from services.conn_tester.reply import shown
from services.conn_tester.wire import ClosedByPeer, ResetByPeer, TlsFailed

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe
    from services.conn_tester.wire import Wire

_SOON: Final = timedelta(days=21)
_OK: Final = 250


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
    context = probe.tools.contexts.verifying(target.tls_protocols, target.ca_pem)
    try:
        async with asyncio.timeout(probe.limits.read_s):
            await wire.secure(context, literal_address(target.host) or target.host.rstrip("."))
    except TimeoutError:
        raise Concluded(await _unanswered(probe, "handshake_timeout")) from None
    except (ClosedByPeer, ResetByPeer):
        raise Concluded(await _unanswered(probe, "closed_in_handshake")) from None
    except TlsFailed as error:
        finding = await _failed(probe, error)
        detail.update(_brief(probe.tls))
        raise Concluded(finding) from None
    _take_agreement(probe, wire)
    detail.update(_brief(probe.tls))


def _not_offered(probe: Probe) -> Finding:
    if (mask := masked_extension(probe.extensions)) is not None:
        return Finding(code="starttls_stripped", facts={"seen": mask})
    return Finding(code="starttls_not_offered", facts={"extensions": list(probe.extensions)})


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
        versions = await _versions(probe)
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
        return await _versions(probe)
    return _scrubbed(probe, finding)


async def _versions(probe: Probe) -> Finding:
    """Judge by one handshake a version; those of the setting are known to fail."""
    allowed = probe.target.tls_protocols or DEFAULT_VERSIONS
    others = [version for version in VERSIONS if version not in allowed]
    accepted = await look.accepted_versions(probe, others)
    safe = [version for version in accepted if version not in OLD_VERSIONS]
    fix = {"tls_protocols": safe} if safe else None
    facts = {"allowed": list(allowed), "accepted": accepted}
    return Finding(code="protocol_version", facts=facts, fix=fix)


async def _refused_certificate(probe: Probe, error: ssl.SSLCertVerificationError) -> Finding:
    chain = load_chain(await look.refused_chain(probe))
    probe.tls = {"version": None, "cipher": None, "certificate": describe(chain)}
    return judge_certificate(
        Refused(
            verify_code=error.verify_code,
            chain=chain,
            private_ca=probe.target.ca_pem is not None,
            now=probe.tools.now(),
        )
    )


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
    chain = load_chain(wire.peer_chain())
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
    if reply.code != _OK:
        facts = {"reply": reply.quoted}
        raise Concluded(Finding(code="protocol_error", facts=facts, reply=reply))
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
    return Finding(code="too_slow", facts={"limit_ms": in_ms(probe.limits.read_s)})


def _scrubbed(probe: Probe, finding: Finding) -> Finding:
    facts = {
        name: probe.journal.scrub.clean(value) if isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return Finding(code=finding.code, facts=facts, fix=finding.fix, step=finding.step)


def _readable(probe: Probe, data: bytes) -> str:
    return shown(probe.journal.scrub.clean(data.decode("utf-8", "backslashreplace")))

"""Which versions of TLS the setting and the server have, where they do not get along."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.conn_tester.contexts import (
    DEFAULT_VERSIONS,
    OLD_VERSIONS,
    VERSIONS,
    versions_of,
)
from services.conn_tester.diagnosis.finding import Finding
from services.conn_tester.diagnosis.tls import refuses_version
from services.conn_tester.probe import look

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe


async def judge_versions(probe: Probe) -> Finding:
    """Judge by one handshake a version; those of the setting are known to fail."""
    target = probe.target
    allowed = versions_of(target.tls_protocols, target.behaviour.cipher_suites)
    others = [version for version in VERSIONS if version not in allowed]
    accepted = await look.accepted_versions(probe, others)
    safe = [version for version in accepted if version not in OLD_VERSIONS]
    fix = {"tls_protocols": safe} if safe else None
    facts = {"allowed": list(allowed), "accepted": accepted}
    if target.behaviour.cipher_suites and set(safe) & set(target.tls_protocols or DEFAULT_VERSIONS):
        fix = any_suite(probe)  # it is the list of suites that left the version out
    return Finding(code="protocol_version", facts=facts, fix=fix)


def any_suite(probe: Probe) -> dict[str, Any]:
    """Return the fix that lets go of the list of cipher suites."""
    return {"session_properties": {probe.target.behaviour.prefix + "ssl.ciphersuites": None}}


async def with_other_version(probe: Probe, finding: Finding) -> Finding:
    """Name the version where a server agreed to it in the handshake and refuses it in words."""
    reply, version = finding.reply, probe.tls["version"] if probe.tls else None
    if reply is None or version in {None, "TLSv1.3"} or not refuses_version(reply):
        return finding
    told = await judge_versions(probe)
    facts = {**told.facts, "reply": reply.quoted}
    return replace(told, facts=facts, reply=reply, step=finding.step)

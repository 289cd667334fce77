"""One attempt of a test: the steps in their order, one deadline, always a result."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from events.connection_test import Reply, TestResult
from events.diagnosis import CODES
from events.scrub import Scrub, basic_blob, plain_blob
from services.conn_tester.diagnosis.finding import Concluded, Finding
from services.conn_tester.journal import Journal
from services.conn_tester.limits import Limits, in_ms
from services.conn_tester.probe.authenticate import authenticate
from services.conn_tester.probe.config import check_config
from services.conn_tester.probe.connect import connect
from services.conn_tester.probe.extensions import offered_mechanisms
from services.conn_tester.probe.greet import greet, say_ehlo
from services.conn_tester.probe.proxy import connect_by_proxy
from services.conn_tester.probe.quit import leave, say_quit
from services.conn_tester.probe.resolve import resolve
from services.conn_tester.probe.state import Probe
from services.conn_tester.probe.submit import say_data, say_mail, say_rcpt, take_back
from services.conn_tester.probe.suggest import with_other_port
from services.conn_tester.probe.tls import secure, start_tls
from services.conn_tester.probe.token import check_token
from services.conn_tester.probe.versions import with_other_version
from services.conn_tester.record import Record
from services.conn_tester.reply import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from events.connection_test import Line, Step
    from services.conn_tester.assignment import Assignment, Target
    from services.conn_tester.tools import Tools

_log = structlog.get_logger(__name__)


async def run_attempt(
    assignment: Assignment, tools: Tools, *, on_step: Callable[[tuple[Step, ...]], None]
) -> TestResult:
    """Probe the target and return what is concluded, within the assignment's deadline.

    `on_step` is told all steps after each one that ends; it must not block.
    """
    probe = _probe(assignment, tools, on_step)
    deadline = asyncio.timeout(assignment.deadline_s)
    try:
        async with deadline:
            finding = await _concluded(probe)
    except TimeoutError:
        if not deadline.expired():
            raise
        finding = probe.conclusion or _out_of_time(probe)
    finally:
        if probe.wire is not None:
            probe.wire.close()
    return _result(probe, finding)


def _probe(
    assignment: Assignment, tools: Tools, on_step: Callable[[tuple[Step, ...]], None]
) -> Probe:
    begun = tools.clock()

    def elapsed_ms() -> float:
        return round((tools.clock() - begun) * 1000, 1)

    return Probe(
        assignment=assignment,
        tools=tools,
        limits=Limits.of(assignment),
        record=Record(elapsed_ms=elapsed_ms, on_step=on_step),
        journal=Journal(
            elapsed_ms=elapsed_ms,
            scrub=_scrub(assignment.target),
            on_line=partial(_log_line, assignment) if assignment.target.debug else None,
        ),
    )


def _log_line(assignment: Assignment, line: Line) -> None:
    """Log a line of the dialogue for a setting with `debug`; the journal holds no secrets."""
    test = {"test_id": assignment.test_id, "attempt": assignment.attempt}
    _log.info("dialogue", **test, sender=line.sender, text=line.text, at_ms=line.at_ms)


def _scrub(target: Target) -> Scrub:
    """Return what takes the attempt's secrets out of everything that is told."""
    sign_in, proxy = target.sign_in, target.behaviour.proxy
    secrets, encoded = [], []
    if sign_in.password is not None:
        password = sign_in.password.reveal()
        secrets.append(password)
        authorized_as = target.behaviour.authorization_id or ""
        encoded = [plain_blob(sign_in.user or "", password, authorized_as)]
    if proxy is not None and proxy.password is not None:
        secrets.append(proxy.password.reveal())
        encoded.append(basic_blob(proxy.user or "", proxy.password.reveal()))
    return Scrub(secrets, encoded=encoded)


async def _concluded(probe: Probe) -> Finding:
    try:
        await _walk(probe)
    except Concluded as conclusion:
        finding = conclusion.finding
        probe.conclusion = replace(finding, step=finding.step or probe.record.current)
        if finding.reply is not None:  # the dialogue is in step, so that it can be ended well
            await leave(probe)
        return await with_other_port(probe, await with_other_version(probe, probe.conclusion))
    return Finding(code="ok", step="quit")


async def _walk(probe: Probe) -> None:
    step = probe.record.step
    with step("config"):
        check_config(probe)
    with step("dns") as detail:
        await resolve(probe, detail)
    proxy = probe.target.behaviour.proxy
    if proxy is None:
        with step("tcp") as detail:
            await connect(probe, detail)
    else:
        with step("proxy") as detail:
            await connect_by_proxy(probe, proxy, detail)
    await _open_dialogue(probe)
    if probe.assignment.depth != "connect":
        await _sign_in(probe)
    if probe.assignment.envelope is not None:
        await _submit(probe)
    with step("quit") as detail:
        await say_quit(probe, detail)


async def _open_dialogue(probe: Probe) -> None:
    step, security = probe.record.step, probe.target.security
    if security == "implicit_tls":
        with step("tls") as detail:
            await secure(probe, detail)
    with step("banner") as detail:
        await greet(probe, detail)
    with step("ehlo") as detail:
        await say_ehlo(probe, detail)
        upgrades = _upgrades(probe)
        if security == "none" and not upgrades:
            probe.record.warn("not_encrypted")
    if upgrades:
        with step("tls") as detail:
            await start_tls(probe, detail)


def _upgrades(probe: Probe) -> bool:
    """Tell whether STARTTLS comes next: always if it is asked for, if offered where it may be."""
    target = probe.target
    offered = "STARTTLS" in probe.extensions
    return target.security == "starttls" or (target.optional and offered)


async def _sign_in(probe: Probe) -> None:
    method = probe.target.sign_in.method
    if method == "access_token":
        with probe.record.step("token") as detail:
            check_token(probe, detail)
    if method != "none":
        with probe.record.step("auth") as detail:
            await authenticate(probe, detail)


async def _submit(probe: Probe) -> None:
    step = probe.record.step
    with step("mail") as detail:
        await say_mail(probe, detail)
    with step("rcpt") as detail:
        await say_rcpt(probe, detail)
        if probe.assignment.depth == "envelope":
            await take_back(probe)
    if probe.assignment.depth == "send":
        with step("data") as detail:
            await say_data(probe, detail)


def _out_of_time(probe: Probe) -> Finding:
    slowest = probe.record.slowest.name
    facts = {"slowest": slowest, "limit_ms": in_ms(probe.assignment.deadline_s)}
    return Finding(code="deadline_exceeded", facts=facts, step=slowest)


def _result(probe: Probe, finding: Finding) -> TestResult:
    target, conclusion = probe.target, CODES[finding.code]
    whom = {"host": target.host, "port": target.port, "security": target.security}
    if probe.dialogue is not None and probe.dialogue.bare_lf:
        probe.record.warn("bare_lf")
    return TestResult(
        verdict=conclusion.verdict,
        code=finding.code,
        step=finding.step or conclusion.step,
        facts={**whom, **finding.facts},
        fix=_by_name(finding.fix, target.by_property),
        reply=_reply(finding),
        warnings=tuple(
            replace(warning, facts={**whom, **warning.facts}) for warning in probe.record.warnings
        ),
        steps=probe.record.steps,
        server=_server(probe),
        tls=probe.tls,
        transcript=probe.journal.lines,
    )


def _by_name(fix: dict[str, Any] | None, by_property: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a fix that changes the session property where a property decides the field."""
    if fix is None or not set(fix) & set(by_property):
        return fix
    fields = {name: value for name, value in fix.items() if name not in by_property}
    properties = {
        by_property[name]: " ".join(value) if isinstance(value, list) else str(value)
        for name, value in fix.items()
        if name in by_property
    }
    return {**fields, "session_properties": {**fix.get("session_properties", {}), **properties}}


def _reply(finding: Finding) -> Reply | None:
    reply = finding.reply
    if reply is None:
        return None
    return Reply(code=reply.code, enhanced=reply.enhanced, text=reply.shown)


def _server(probe: Probe) -> dict[str, Any] | None:
    if probe.address is None:
        return None
    return {
        "address": probe.address,
        "banner": probe.banner,
        "extensions": [
            shown(f"{keyword} {parameters}".strip())
            for keyword, parameters in probe.extensions.items()
        ],
        "mechanisms": list(offered_mechanisms(probe.extensions)),
    }

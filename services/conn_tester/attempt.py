"""One attempt of a test: the steps in their order, one deadline, always a result."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from events.connection_test import Reply, TestResult
from events.diagnosis import CODES
from services.conn_tester.diagnosis.finding import Concluded, Finding
from services.conn_tester.journal import Journal
from services.conn_tester.limits import Limits, in_ms
from services.conn_tester.probe.authenticate import authenticate
from services.conn_tester.probe.config import check_config
from services.conn_tester.probe.connect import connect
from services.conn_tester.probe.extensions import offered_mechanisms
from services.conn_tester.probe.greet import greet, say_ehlo
from services.conn_tester.probe.quit import leave, say_quit
from services.conn_tester.probe.resolve import resolve
from services.conn_tester.probe.state import Probe
from services.conn_tester.probe.submit import say_data, say_mail, say_rcpt, take_back
from services.conn_tester.probe.tls import secure, start_tls
from services.conn_tester.probe.token import check_token
from services.conn_tester.record import Record
from services.conn_tester.reply import shown
from services.conn_tester.scrub import Scrub, plain_blob

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.connection_test import Step
    from services.conn_tester.assignment import Assignment, SignIn
    from services.conn_tester.tools import Tools


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
        finding = _out_of_time(probe)
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
        journal=Journal(elapsed_ms=elapsed_ms, scrub=_scrub(assignment.target.sign_in)),
    )


def _scrub(sign_in: SignIn) -> Scrub:
    if sign_in.password is None:
        return Scrub([])
    password = sign_in.password.reveal()
    return Scrub([password], encoded=[plain_blob(sign_in.user or "", password)])


async def _concluded(probe: Probe) -> Finding:
    try:
        await _walk(probe)
    except Concluded as conclusion:
        finding = conclusion.finding
        if finding.reply is not None:  # the dialogue is in step, so that it can be ended well
            await leave(probe)
        return replace(finding, step=finding.step or probe.record.current)
    return Finding(code="ok", step="quit")


async def _walk(probe: Probe) -> None:
    step = probe.record.step
    with step("config"):
        check_config(probe)
    with step("dns") as detail:
        await resolve(probe, detail)
    with step("tcp") as detail:
        await connect(probe, detail)
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
        if security == "none":
            probe.record.warn("not_encrypted")
    if security == "starttls":
        with step("tls") as detail:
            await start_tls(probe, detail)


async def _sign_in(probe: Probe) -> None:
    method = probe.target.sign_in.method
    if method == "access_token":
        with probe.record.step("token"):
            check_token(probe)
    if method == "password":
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
        fix=finding.fix,
        reply=_reply(finding),
        warnings=tuple(
            replace(warning, facts={**whom, **warning.facts}) for warning in probe.record.warnings
        ),
        steps=probe.record.steps,
        server=_server(probe),
        tls=probe.tls,
        transcript=probe.journal.lines,
    )


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

"""From the bus to a probe and back."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from events.bus.spans import received
from events.bus.work import NotUnderstood, decode_work
from events.failpoints import reach
from events.messages import (
    DetectionDispatched,
    DetectionReported,
    TestDispatched,
    TestProgressed,
    TestReported,
)
from events.tracing import span
from services.conn_tester.assignment import Assignment, MalformedClaim, read_assignment
from services.conn_tester.attempt import run_attempt
from services.conn_tester.claims import ClaimUnanswered
from services.conn_tester.detect.order import read_order
from services.conn_tester.detect.search import search
from services.conn_tester.figures import ATTEMPT_SECONDS, ATTEMPTS, FAILURES, RUNNING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import Any

    from events.bus.port import Delivery
    from events.connection_test import Step, TestResult
    from events.tracing import Span
    from services.conn_tester.claims import Claims
    from services.conn_tester.courier import Courier
    from services.conn_tester.tools import Tools

CLAIM_PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0)
_STOPPED_KEPT: Final = 1000

_log = structlog.get_logger(__name__)


class Consumer:
    """Takes deliveries from the consuming thread and works on them in the probes' loop."""

    def __init__(  # noqa: PLR0913 -- the parts that it connects
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        claims: Claims,
        tools: Tools,
        courier: Courier,
        deadline_s: float,
        system: str,
        claim_pauses_s: Sequence[float] = CLAIM_PAUSES_S,
    ) -> None:
        self._loop = loop
        self._claims = claims
        self._tools = tools
        self._courier = courier
        self._deadline_s = deadline_s
        self._system = system
        self._claim_pauses_s = claim_pauses_s
        self._running: set[asyncio.Task[None]] = set()
        self._attempts: dict[str, asyncio.Task[TestResult]] = {}
        self._stopped: deque[str] = deque(maxlen=_STOPPED_KEPT)
        self._draining = False

    def handle(self, delivery: Delivery) -> None:
        """Begin work on a delivery; while draining it is left alone and comes again elsewhere."""
        if not self._draining:
            self._loop.call_soon_threadsafe(self._begin, delivery)

    def stop_test(self, test_id: str) -> None:
        """End the attempt of a test that somebody stopped, if it is here; from any thread."""
        self._loop.call_soon_threadsafe(self._stop_test, test_id)

    async def drain(self, patience_s: float) -> None:
        """Take no more work, let running tests end, hand back those that do not; it is the end."""
        self._draining = True
        if self._running:
            await asyncio.wait(self._running, timeout=patience_s)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._claims.close()

    def _stop_test(self, test_id: str) -> None:
        self._stopped.append(test_id)  # a claim may be on its way
        if (attempt := self._attempts.get(test_id)) is not None:
            attempt.cancel()

    def _begin(self, delivery: Delivery) -> None:
        if self._draining:
            return
        task = self._loop.create_task(self._survived(self._attend(delivery), delivery))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _survived(self, work: Coroutine[Any, Any, None], delivery: Delivery) -> None:
        try:
            await work
        except asyncio.CancelledError:
            _log.info("test handed back", message_id=delivery.message.id)
            raise
        except Exception as error:  # noqa: BLE001 -- the tester must survive whatever a test does
            FAILURES.inc()
            # the type alone: a message could hold what the server or the setting said
            _log.error("test failed", message_id=delivery.message.id, error=_where(error))
            delivery.park(f"the tester failed: {type(error).__name__}")

    async def _attend(self, delivery: Delivery) -> None:
        queue = delivery.routing_key
        with (
            RUNNING.track_inprogress(),
            received(delivery.message, system=self._system, queue=queue),
        ):
            await self._attend_here(delivery)

    async def _attend_here(self, delivery: Delivery) -> None:
        try:
            dispatched = decode_work(delivery.message)
        except NotUnderstood as error:
            delivery.park(str(error))
            return
        try:
            match dispatched:
                case TestDispatched():
                    await self._attend_test(dispatched, delivery)
                case DetectionDispatched():
                    await self._attend_detection(dispatched, delivery)
                case _:
                    delivery.park(f"{dispatched.TYPE} is no work for a tester")
        except ClaimUnanswered as error:
            _log.warning("work not claimed", message_id=delivery.message.id, reason=str(error))
            delivery.retry()
        except MalformedClaim as error:
            _log.error("claim not understood", message_id=delivery.message.id, reason=str(error))
            delivery.park(f"the claim's answer: {error}")

    async def _attend_test(self, dispatched: TestDispatched, delivery: Delivery) -> None:
        reach("tester.received")
        answer = await self._claimed(self._claims.claim, dispatched.test_id, dispatched.attempt)
        if answer is None:
            _nothing_to_do(delivery)
        else:
            reach("tester.claimed")
            await self._carry_out(read_assignment(answer), delivery)

    async def _attend_detection(self, dispatched: DetectionDispatched, delivery: Delivery) -> None:
        detection_id, attempt = dispatched.detection_id, dispatched.attempt
        answer = await self._claimed(self._claims.claim_detection, detection_id, attempt)
        if answer is None:
            _nothing_to_do(delivery)
            return
        order = read_order(answer, most_s=self._deadline_s)
        with span("detect"):
            result = await search(order, self._tools)
        _log.info("detection done", detection_id=detection_id, found=len(result.proposals))
        report = DetectionReported(detection_id=detection_id, attempt=attempt, result=result)
        self._courier.result(report, delivery)

    async def _claimed(
        self,
        claim: Callable[[str, int], Awaitable[dict[str, Any] | None]],
        work_id: str,
        attempt: int,
    ) -> dict[str, Any] | None:
        for pause_s in self._claim_pauses_s:
            try:
                return await claim(work_id, attempt)
            except ClaimUnanswered:
                await asyncio.sleep(pause_s)
        return await claim(work_id, attempt)

    async def _carry_out(self, assignment: Assignment, delivery: Delivery) -> None:
        test_id, attempt = assignment.test_id, assignment.attempt

        def tell(steps: tuple[Step, ...]) -> None:
            self._courier.steps(TestProgressed(test_id=test_id, attempt=attempt, steps=steps))

        deadline_s = min(assignment.deadline_s, self._deadline_s)
        bounded = replace(assignment, deadline_s=deadline_s)
        with ATTEMPT_SECONDS.time(), span("probe", attributes=_described(assignment)) as recorded:
            attempt_made = run_attempt(bounded, self._tools, on_step=tell)
            result = await self._concluded(attempt_made, test_id)
            _note(recorded, result)
        if result is None:
            _log.info("test stopped", test_id=test_id, attempt=attempt)
            delivery.ack()
            return
        reach("tester.probed")
        _log.info("test done", test_id=test_id, attempt=attempt, code=result.code)
        report = TestReported(test_id=test_id, attempt=attempt, result=result)
        self._courier.result(report, delivery)

    async def _concluded(
        self, attempt: Coroutine[Any, Any, TestResult], test_id: str
    ) -> TestResult | None:
        """Return what an attempt concludes, None where somebody stopped the test meanwhile."""
        if test_id in self._stopped:
            attempt.close()
            return None
        task = self._attempts[test_id] = self._loop.create_task(attempt)
        try:
            return await task
        except asyncio.CancelledError:
            whole = asyncio.current_task()
            if whole is not None and whole.cancelling():
                raise  # the tester stops, not the test
            return None
        finally:
            del self._attempts[test_id]


def _described(assignment: Assignment) -> dict[str, str | int]:
    """Return what of a test may be told to whoever gathers traces: whereto, never as whom."""
    target = assignment.target
    return {
        "server.address": target.host,
        "server.port": target.port,
        "relaybook.security": target.security,
        "relaybook.depth": assignment.depth,
    }


def _note(recorded: Span, result: TestResult | None) -> None:
    if result is None:
        recorded.fail("cancelled")
        return
    ATTEMPTS.labels(verdict=result.verdict, code=result.code).inc()
    recorded.note("relaybook.verdict", result.verdict)
    recorded.note("relaybook.code", result.code)


def _nothing_to_do(delivery: Delivery) -> None:
    _log.info("nothing to do", message_id=delivery.message.id)
    delivery.ack()


def _where(error: BaseException) -> str:
    """Return an error's type and the place that raised it, without its message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"

"""From the bus to a probe and back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from events.bus.work import NotUnderstood, decode_work
from events.messages import TestDispatched, TestProgressed, TestReported
from services.conn_tester.assignment import Assignment, MalformedClaim, read_assignment
from services.conn_tester.attempt import run_attempt
from services.conn_tester.claims import ClaimUnanswered

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from events.bus.port import Delivery
    from events.connection_test import Step
    from services.conn_tester.claims import Claims
    from services.conn_tester.courier import Courier
    from services.conn_tester.tools import Tools

CLAIM_PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0)

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
        claim_pauses_s: Sequence[float] = CLAIM_PAUSES_S,
    ) -> None:
        self._loop = loop
        self._claims = claims
        self._tools = tools
        self._courier = courier
        self._deadline_s = deadline_s
        self._claim_pauses_s = claim_pauses_s
        self._running: set[asyncio.Task[None]] = set()
        self._draining = False

    def handle(self, delivery: Delivery) -> None:
        """Begin work on a delivery; while draining it is left alone and comes again elsewhere."""
        if not self._draining:
            self._loop.call_soon_threadsafe(self._begin, delivery)

    async def drain(self, patience_s: float) -> None:
        """Take no more work; let running tests end, hand back those that do not in time."""
        self._draining = True
        if self._running:
            await asyncio.wait(self._running, timeout=patience_s)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

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
            # the type alone: a message could hold what the server or the setting said
            _log.error("test failed", message_id=delivery.message.id, error=_where(error))
            delivery.park(f"the tester failed: {type(error).__name__}")

    async def _attend(self, delivery: Delivery) -> None:
        try:
            dispatched = decode_work(delivery.message)
        except NotUnderstood as error:
            delivery.park(str(error))
            return
        if not isinstance(dispatched, TestDispatched):
            delivery.park(f"{dispatched.TYPE} is no work for a tester")
            return
        try:
            assignment = await self._claimed(dispatched)
        except ClaimUnanswered as error:
            _log.warning("test not claimed", test_id=dispatched.test_id, reason=str(error))
            delivery.retry()
            return
        except MalformedClaim as error:
            _log.error("claim not understood", test_id=dispatched.test_id, reason=str(error))
            delivery.park(f"the claim's answer: {error}")
            return
        if assignment is None:
            _log.info("nothing to do", test_id=dispatched.test_id, attempt=dispatched.attempt)
            delivery.ack()
            return
        await self._carry_out(assignment, delivery)

    async def _claimed(self, dispatched: TestDispatched) -> Assignment | None:
        for pause_s in (*self._claim_pauses_s, None):
            try:
                answer = await asyncio.to_thread(
                    self._claims.claim, dispatched.test_id, dispatched.attempt
                )
            except ClaimUnanswered:
                if pause_s is None:
                    raise
                await asyncio.sleep(pause_s)
            else:
                return None if answer is None else read_assignment(answer)
        raise AssertionError("the last try returns or raises")

    async def _carry_out(self, assignment: Assignment, delivery: Delivery) -> None:
        test_id, attempt = assignment.test_id, assignment.attempt

        def tell(steps: tuple[Step, ...]) -> None:
            self._courier.steps(TestProgressed(test_id=test_id, attempt=attempt, steps=steps))

        deadline_s = min(assignment.deadline_s, self._deadline_s)
        bounded = replace(assignment, deadline_s=deadline_s)
        result = await run_attempt(bounded, self._tools, on_step=tell)
        _log.info("test done", test_id=test_id, attempt=attempt, code=result.code)
        report = TestReported(test_id=test_id, attempt=attempt, result=result)
        self._courier.result(report, delivery)


def _where(error: BaseException) -> str:
    """Return an error's type and the place that raised it, without its message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"

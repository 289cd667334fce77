"""The thirteen steps of a test as they happen."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from events.connection_test import Step, StepName, StepState, Warned
from events.tracing import begin
from services.conn_tester.diagnosis.finding import Concluded
from services.conn_tester.figures import STEP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client import Histogram

STEP_NAMES: tuple[StepName, ...] = get_args(StepName)
_SKIPPED = {name: Step(name=name, state="skipped") for name in STEP_NAMES}


class Record:
    """Steps and warnings of one attempt; `on_step` is told all steps after each one that ends."""

    def __init__(
        self, *, elapsed_ms: Callable[[], float], on_step: Callable[[tuple[Step, ...]], None]
    ) -> None:
        self._elapsed_ms = elapsed_ms
        self._on_step = on_step
        self._steps = dict(_SKIPPED)
        self._warnings: list[Warned] = []
        self.current: StepName = "config"

    @property
    def steps(self) -> tuple[Step, ...]:
        """All thirteen, in the order of the contract; those not needed or reached are skipped."""
        return tuple(self._steps.values())

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Warnings so far."""
        return tuple(self._warnings)

    @property
    def slowest(self) -> Step:
        """The step that took the most time."""
        return max(self._steps.values(), key=lambda step: step.duration_ms or 0.0)

    def warn(self, code: str, **facts: Any) -> None:  # noqa: ANN401 -- facts are JSON values
        """Add a warning, once a code or, where the facts name a session property, once a name."""
        known = {(warning.code, warning.facts.get("name")) for warning in self._warnings}
        if (code, facts.get("name")) not in known:
            self._warnings.append(Warned(code=code, facts=facts))

    @contextmanager
    def step(self, name: StepName) -> Iterator[dict[str, Any]]:
        """Time a step; yields its detail to be filled. What escapes the block fails the step."""
        self.current = name
        begun, warned = self._elapsed_ms(), len(self._warnings)
        detail: dict[str, Any] = {}
        state: StepState = "failed"
        decided: StepName = name
        recorded = begin(f"step {name}", attributes={"relaybook.step": name})
        try:
            yield detail
            state = "warned" if len(self._warnings) > warned else "passed"
        except Concluded as conclusion:
            decided = conclusion.finding.step or name
            recorded.fail(conclusion.finding.code)
            raise
        finally:
            recorded.note("relaybook.step.state", state)
            recorded.end()
            self._end(name, decided, state, begun, detail)

    def amend(self, name: StepName, detail: dict[str, Any]) -> None:
        """Add to the detail of a step that has ended what a later one found out about it."""
        ended = self._steps[name]
        self._steps[name] = replace(ended, detail={**ended.detail, **detail})

    def _end(
        self,
        name: StepName,
        decided: StepName,
        state: StepState,
        begun: float,
        detail: dict[str, Any],
    ) -> None:
        duration = round(self._elapsed_ms() - begun, 1)
        _seconds_of(name).observe(duration / 1000)
        if decided == name:
            self._steps[name] = Step(
                name=name, state=state, at_ms=begun, duration_ms=duration, detail=detail
            )
        else:  # what was seen here decides about a step before; of this one nothing is told
            self._steps[decided] = replace(self._steps[decided], state="failed")
        self._on_step(self.steps)


@cache
def _seconds_of(name: StepName) -> Histogram:
    """Return the histogram of a step; to look it up takes as long as to add to it."""
    return STEP_SECONDS.labels(step=name)

from __future__ import annotations

import pytest

from events.connection_test import Step
from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.record import STEP_NAMES, Record


class Times:
    def __init__(self) -> None:
        self.ms = 0.0

    def __call__(self) -> float:
        self.ms += 10.0
        return self.ms


@pytest.fixture
def told() -> list[tuple[Step, ...]]:
    return []


@pytest.fixture
def record(told: list[tuple[Step, ...]]) -> Record:
    return Record(elapsed_ms=Times(), on_step=told.append)


def seen_inside(record: Record, conclusion: Concluded) -> None:
    with record.step("dns") as detail:
        detail["addresses"] = ["10.0.0.1"]
        raise conclusion


def states(record: Record) -> dict[str, str]:
    return {step.name: step.state for step in record.steps if step.state != "skipped"}


def test_all_thirteen_steps_are_there_from_the_start(record: Record) -> None:
    assert [step.name for step in record.steps] == list(STEP_NAMES)
    assert len(STEP_NAMES) == 13


def test_what_is_told_of_one_attempt_is_not_told_of_another(record: Record) -> None:
    with record.step("ehlo") as detail:
        detail["extensions"] = []
    record.amend("tls", {"version": "TLSv1.3"})
    other = Record(elapsed_ms=Times(), on_step=lambda _steps: None)
    assert other.steps == tuple(Step(name=name, state="skipped") for name in STEP_NAMES)


def test_a_step_is_timed_and_told(record: Record, told: list[tuple[Step, ...]]) -> None:
    with record.step("dns") as detail:
        detail["addresses"] = ["192.0.2.1"]
    expected = Step(
        name="dns", state="passed", at_ms=10.0, duration_ms=10.0,
        detail={"addresses": ["192.0.2.1"]},
    )  # fmt: skip
    assert [step for step in told[-1] if step.state != "skipped"] == [expected]


def test_a_step_with_a_warning_is_warned(record: Record) -> None:
    with record.step("banner"):
        record.warn("slow_greeting", seconds=7)
        record.warn("slow_greeting", seconds=8)
    assert states(record) == {"banner": "warned"}
    assert [warning.facts for warning in record.warnings] == [{"seconds": 7}]


def test_a_conclusion_fails_its_step(record: Record) -> None:
    with pytest.raises(Concluded), record.step("tcp"):
        raise conclude("refused")
    assert states(record) == {"tcp": "failed"}


def test_a_conclusion_about_another_step_leaves_no_trace_of_this_one(record: Record) -> None:
    with record.step("config"):
        pass
    inside = Concluded(Finding(code="address_not_allowed", step="config"))
    with pytest.raises(Concluded):
        seen_inside(record, inside)
    assert states(record) == {"config": "failed"}
    assert all(step.detail == {} for step in record.steps)

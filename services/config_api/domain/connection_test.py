"""What a connection test's stream says: its state, and how each fact changes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestRequested,
    Depth,
    TestResult,
)
from services.config_api.domain.setting import Recorded, SettingState
from services.config_api.domain.setting_fields import SettingDraft

UntestedCode = Literal["no_tester", "deadline_exceeded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestState:
    """A connection test at one version of its stream; version 0 is a stream without events.

    `result` is None while it goes on, and for a cancelled test.
    """

    __test__: ClassVar[bool] = False

    test_id: str
    version: int = 0
    requested: ConnectionTestRequested | None = None
    requested_at: datetime | None = None
    requested_by: str | None = None
    result: TestResult | None = None
    attempts: int = 0
    cancelled: bool = False
    finished_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """True once it was asked for."""
        return self.requested is not None

    @property
    def ended(self) -> bool:
        """True once it has a result or was cancelled."""
        return self.finished_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTest:
    """Test a setting as it is stored, or a draft of it.

    `setting` is the state of the setting that was named (it may not exist yet where a draft is
    given), None where only a draft was.
    """

    test_id: str
    setting: SettingState | None
    draft: SettingDraft | None = None
    depth: Depth = "auth"
    mail_from: str | None = None
    rcpt_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteTest:
    """Record what an attempt concluded."""

    test_id: str
    attempt: int
    result: TestResult


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelTest:
    """Stop a test."""

    test_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseUntested:
    """End a test that nobody claimed (`no_tester`) or finished (`deadline_exceeded`)."""

    test_id: str
    code: UntestedCode
    attempts: int


TestCommand = RequestTest | CompleteTest | CancelTest | CloseUntested


def evolve(state: TestState, recorded: Recorded, fact: object) -> TestState:
    """Return the state after one more fact; an unknown fact only counts as a version."""
    state = replace(state, version=recorded.version)
    match fact:
        case ConnectionTestRequested():
            return replace(
                state,
                requested=fact,
                requested_at=recorded.recorded_at,
                requested_by=recorded.actor,
            )
        case ConnectionTestCompleted(result=result, attempts=attempts):
            return replace(
                state, result=result, attempts=attempts, finished_at=recorded.recorded_at
            )
        case ConnectionTestCancelled():
            return replace(state, cancelled=True, finished_at=recorded.recorded_at)
        case _:
            return state


def fold(test_id: str, events: Iterable[tuple[Recorded, object]]) -> TestState:
    """Return a test's state from its whole stream, decoded, in version order."""
    state = TestState(test_id=test_id)
    for recorded, fact in events:
        state = evolve(state, recorded, fact)
    return state

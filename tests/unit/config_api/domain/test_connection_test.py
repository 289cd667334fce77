from __future__ import annotations

from datetime import timedelta
from typing import Any

from events.catalogue import UnknownEvent
from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestRequested,
    TestResult,
)
from services.config_api.domain.connection_test import (
    fold,
)
from tests.support.settings import (
    ALICE,
    BEGIN,
    TENANT,
    recorded,
)

TEST = "test-1"
PASSED = TestResult(verdict="passed", code="ok", step="quit")


def state_after(*facts: Any) -> Any:
    return fold(TEST, recorded(facts))


REQUESTED = ConnectionTestRequested(
    test_id=TEST, setting_id=TENANT, setting_version=1, draft=None, depth="auth"
)
COMPLETED = ConnectionTestCompleted(test_id=TEST, attempts=2, result=PASSED)
CANCELLED = ConnectionTestCancelled(test_id=TEST)
UNKNOWN = UnknownEvent(type="connection_test.blessed", schema_version=1, data={})


def test_a_request_begins_a_test() -> None:
    state = state_after(REQUESTED)

    assert (state.exists, state.ended, state.version) == (True, False, 1)
    assert state.requested == REQUESTED
    assert (state.requested_by, state.requested_at) == (ALICE, BEGIN + timedelta(minutes=1))


def test_a_result_ends_a_test() -> None:
    state = state_after(REQUESTED, COMPLETED)

    assert (state.ended, state.result, state.attempts) == (True, PASSED, 2)
    assert (state.cancelled, state.finished_at) == (False, BEGIN + timedelta(minutes=2))


def test_a_cancellation_ends_a_test_without_a_result() -> None:
    state = state_after(REQUESTED, CANCELLED)

    assert (state.ended, state.cancelled, state.result) == (True, True, None)


def test_an_unknown_fact_only_counts_as_a_version() -> None:
    assert state_after(REQUESTED, UNKNOWN).version == 2
    assert not state_after(UNKNOWN).exists

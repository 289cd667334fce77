from __future__ import annotations

from typing import TYPE_CHECKING

from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestRequested,
    TestResult,
    Verdict,
)
from events.store.memory import MemoryEventStore
from events.store.port import Expected, StreamAppend
from services.config_api.application import loading
from services.config_api.application.last_tests import last_tests_at
from tests.support.events import NOON, a_cause
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from events.catalogue import Fact


class Tested:
    """A store in which tests end as told, one after the other."""

    __test__ = False

    def __init__(self) -> None:
        self.store = MemoryEventStore()

    def ended(self, test_id: str, setting_id: str, verdict: Verdict, *, draft: bool = False) -> int:
        """Record a test from its request to its end and return the position of that."""
        result = TestResult(verdict=verdict, code="ok", step="quit")
        completed = ConnectionTestCompleted(test_id=test_id, attempts=1, result=result)
        return self._record(test_id, setting_id, completed, draft=draft)

    def cancelled(self, test_id: str, setting_id: str) -> int:
        return self._record(test_id, setting_id, ConnectionTestCancelled(test_id=test_id))

    def _record(self, test_id: str, setting_id: str, end: Fact, *, draft: bool = False) -> int:
        requested = ConnectionTestRequested(
            test_id=test_id,
            setting_id=setting_id,
            setting_version=1,
            draft=a_draft().values if draft else None,
            depth="auth",
        )
        append = StreamAppend(
            stream=loading.test_stream(test_id),
            expected=Expected.NO_STREAM,
            events=loading.encoded([requested, end], tenant=setting_id),
        )
        return self.store.append([append], cause=a_cause(), at=NOON).position

    def last(self, position: int, *setting_ids: str) -> dict[str, str]:
        found = last_tests_at(self.store, setting_ids, position)
        return {setting_id: last.id for setting_id, last in found.items()}


def test_the_newest_completion_counts() -> None:
    tests = Tested()
    first = tests.ended("1", "acme", "failed")
    second = tests.ended("2", "acme", "passed")
    other = tests.ended("3", "globex", "passed")
    assert tests.last(first - 1, "acme") == {}
    assert tests.last(first, "acme") == {"acme": "1"}
    assert tests.last(second, "acme") == {"acme": "2"}
    assert tests.last(other, "acme", "globex", "nobody") == {"acme": "2", "globex": "3"}
    assert tests.last(other, "acme") == {"acme": "2"}


def test_what_it_tells_is_what_was_recorded() -> None:
    tests = Tested()
    position = tests.ended("1", "acme", "failed")
    last = last_tests_at(tests.store, ["acme"], position)["acme"]
    assert (last.id, last.verdict, last.version, last.finished_at) == ("1", "failed", 1, NOON)


def test_drafts_and_cancelled_tests_say_nothing_of_the_setting() -> None:
    tests = Tested()
    tests.ended("1", "acme", "passed")
    tests.ended("2", "acme", "failed", draft=True)
    tests.ended("3", "acme", "failed", draft=True)
    position = tests.cancelled("4", "acme")
    assert tests.last(position, "acme") == {"acme": "1"}


def test_it_is_found_behind_many_drafts() -> None:
    tests = Tested()
    tests.ended("first", "globex", "passed")
    for number in range(40):
        tests.ended(f"{number}", "acme", "passed", draft=number > 10)
    assert tests.last(tests.store.head(), "acme", "globex", "nobody") == {
        "acme": "10",
        "globex": "first",
    }


def test_no_setting_needs_no_look() -> None:
    assert Tested().last(0) == {}

"""What the relay and the testers say to each other over the bus; ids and results, never secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from events.connection_test import Step, TestResult


@dataclass(frozen=True, kw_only=True, slots=True)
class TestDispatched:
    """Work for one tester: claim this attempt of this test over HTTP, then probe."""

    __test__: ClassVar[bool] = False
    TYPE: ClassVar[str] = "connection_test.dispatched"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TestProgressed:
    """A live step; `steps` holds all of the attempt so far, so that a lost message is none."""

    __test__: ClassVar[bool] = False
    TYPE: ClassVar[str] = "connection_test.progressed"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str
    attempt: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestReported:
    """The conclusion of one attempt, on its way to the store."""

    __test__: ClassVar[bool] = False
    TYPE: ClassVar[str] = "connection_test.reported"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str
    attempt: int
    result: TestResult


WorkMessage = TestDispatched | TestProgressed | TestReported

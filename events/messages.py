"""What the relay and the testers say to each other over the bus; ids and results, never secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from events.connection_test import Step, TestResult
from events.detection import DetectionResult


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


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionDispatched:
    """Work for one tester: claim this attempt of this detection over HTTP, then search."""

    TYPE: ClassVar[str] = "detection.dispatched"
    SCHEMA_VERSION: ClassVar[int] = 1

    detection_id: str
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionReported:
    """What one attempt of a detection found, on its way to the store."""

    TYPE: ClassVar[str] = "detection.reported"
    SCHEMA_VERSION: ClassVar[int] = 1

    detection_id: str
    attempt: int
    result: DetectionResult


TestMessage = TestDispatched | TestProgressed | TestReported
DetectionMessage = DetectionDispatched | DetectionReported
WorkMessage = TestMessage | DetectionMessage

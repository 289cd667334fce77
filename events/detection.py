"""Facts about one search for the mail server of a domain; stream `detection-<detection id>`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from events.smtp_setting import Security

CATEGORY = "detection"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One thing that was found; codes are those of `events.diagnosis.EVIDENCE`."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A server to hand mail in at, as a setting would name it, and what speaks for it."""

    host: str
    port: int
    security: Security
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionResult:
    """What was found: proposals, the best first, and what is to be known beside them."""

    proposals: tuple[Proposal, ...] = ()
    notes: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionRequested:
    """Somebody asked for the mail server of a domain (lower-case A-labels)."""

    TYPE: ClassVar[str] = "detection.requested"
    SCHEMA_VERSION: ClassVar[int] = 1

    detection_id: str
    domain: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionCompleted:
    """The search ended with a result, its own or that nobody searched; `attempts` were claimed."""

    TYPE: ClassVar[str] = "detection.completed"
    SCHEMA_VERSION: ClassVar[int] = 1

    detection_id: str
    attempts: int
    result: DetectionResult


DetectionEvent = DetectionRequested | DetectionCompleted

"""What travels around an event: its place in the store, who caused it and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from msgspec import Struct

SYSTEM_ACTOR_PREFIX = "system:"


def new_id() -> str:
    """Return a new random identifier (UUID 4 in its canonical text form)."""
    return str(uuid4())


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Who asked for a change, from where, and the story it belongs to.

    `actor` is `user:NAME`, `token:ID` or `system:PART`. `correlation_id` is the same for the whole
    story, `causation_id` names the event or message that led directly here. `traceparent` is the
    W3C trace context in force, if any.
    """

    actor: str
    source_ip: str | None
    correlation_id: str
    causation_id: str | None
    traceparent: str | None

    @classmethod
    def by_system(cls, part: str, *, correlation_id: str | None = None) -> Cause:
        """Return the cause of what the product does on its own, such as `system:relay`."""
        return cls(
            actor=SYSTEM_ACTOR_PREFIX + part,
            source_ip=None,
            correlation_id=correlation_id or new_id(),
            causation_id=None,
            traceparent=None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """A fact encoded for the store, before it has a place there.

    `data` is the exact canonical JSON that is stored and hashed. `tenant` is the tenant whom the
    fact is about, or None where it is about the deployment.
    """

    type: str
    schema_version: int
    tenant: str | None
    data: bytes
    id: str = field(default_factory=new_id)


class RecordedEvent(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """An event as the store keeps it.

    `position` is its place in the whole store (increasing in commit order for readers), `version`
    its place in `stream` (from 1). `recorded_at` is for people only, never for order.
    `content_hash` is SHA-256 over `salt` and `content_fields()`. Like an array, since rows of the
    store become events by msgspec: in a twentieth of the time that naming the fields takes.
    """

    position: int
    stream: str
    version: int
    id: str
    type: str
    schema_version: int
    tenant: str | None
    recorded_at: datetime
    actor: str
    source_ip: str | None
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    data: bytes
    salt: bytes
    content_hash: bytes


class Told(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """What of a recorded event a state is folded from."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    recorded_at: datetime
    actor: str
    data: bytes


def stream_name(category: str, subject_id: str) -> str:
    """Return the stream of one subject, such as `smtp_setting-acme`; a category has no hyphen."""
    return f"{category}-{subject_id}"


def names_in(category: str) -> tuple[str, str]:
    """Return where a category's stream names begin by code point, and what they are all below."""
    return f"{category}-", f"{category}."


def subject_of(stream: str) -> str:
    """Return the CloudEvents subject of a stream: `smtp_setting-acme` is `smtp_setting/acme`."""
    return stream.replace("-", "/", 1)


def stream_of(subject: str) -> str:
    """Return the stream of a CloudEvents subject; the inverse of `subject_of`."""
    return subject.replace("/", "-", 1)

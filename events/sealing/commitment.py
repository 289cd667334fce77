"""What one event commits to: a hash that shows nothing of the event to who lacks its salt."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from events.codec import floatless_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from events.envelope import RecordedEvent

SALT_BYTES = 16
_LENGTH_BYTES = 8
_FIELDS = (
    "actor", "causation_id", "correlation_id", "id", "schema_version", "source_ip",
    "stream", "tenant", "traceparent", "type", "version",
)  # fmt: skip


def new_salt() -> bytes:
    """Return a random salt: without it nobody can try out what an event may have said."""
    return secrets.token_bytes(SALT_BYTES)


def content_hash(event: Mapping[str, Any]) -> bytes:
    """Return SHA-256 (32 bytes) over everything in an event but its position.

    `event` holds the fields of a RecordedEvent by name, as a row of the store does. The input is
    salt (16 bytes) ‖ length of the fields (8 bytes, big-endian) ‖ fields ‖ data. The fields are
    one canonical JSON object (sorted keys, no blanks, UTF-8) of `actor`, `causation_id`,
    `correlation_id`, `id`, `recorded_at` (`2026-01-02T03:04:05.000006Z`), `schema_version`,
    `source_ip`, `stream`, `tenant`, `traceparent`, `type` and `version`. Salt and length have
    fixed sizes, so no two events have the same input.

    Raises ValueError for a salt of another size.
    """
    salt: bytes = event["salt"]
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    fields = {name: event[name] for name in _FIELDS}
    fields["recorded_at"] = _instant(event["recorded_at"])
    header = floatless_json(fields)
    length = len(header).to_bytes(_LENGTH_BYTES, "big")
    return hashlib.sha256(salt + length + header + event["data"]).digest()


def is_intact(event: RecordedEvent) -> bool:
    """Return whether an event as it was read is the one that was appended."""
    names = (*_FIELDS, "recorded_at", "salt", "data")
    return content_hash({name: getattr(event, name) for name in names}) == event.content_hash


@lru_cache(maxsize=16)  # all of an append have the same one
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

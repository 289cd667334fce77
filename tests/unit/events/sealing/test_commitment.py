from __future__ import annotations

import hashlib
from datetime import timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from events.sealing.commitment import content_hash, is_intact, new_salt
from tests.support.events import NOON, a_recorded_event

CHANGES: list[tuple[str, Any]] = [
    ("stream", "test-2"),
    ("version", 2),
    ("id", "8a7b5c9e-0000-4000-8000-000000000002"),
    ("type", "test.unhappened"),
    ("schema_version", 2),
    ("tenant", None),
    ("recorded_at", NOON + timedelta(microseconds=1)),
    ("actor", "user:mallory"),
    ("source_ip", None),
    ("correlation_id", "story-2"),
    ("causation_id", "story-1"),
    ("traceparent", "00-aa-bb-01"),
    ("data", b'{"n":2}'),
    ("salt", bytes(15) + b"\x01"),
]


def test_the_hash_is_the_documented_one() -> None:
    header = (
        '{"actor":"user:müller","causation_id":null,"correlation_id":"story-1",'
        '"id":"8a7b5c9e-0000-4000-8000-000000000001",'
        '"recorded_at":"2026-03-01T12:00:00.123456Z","schema_version":1,'
        '"source_ip":"192.0.2.1","stream":"test-1","tenant":"acme","traceparent":null,'
        '"type":"test.happened","version":1}'
    ).encode()
    salt = bytes(range(16))
    expected = hashlib.sha256(salt + len(header).to_bytes(8, "big") + header + b'{"n":1}')
    event = a_recorded_event(actor="user:müller", salt=salt)
    assert content_hash(asdict(event)) == expected.digest()


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_every_field_but_the_position_is_in_the_hash(name: str, value: Any) -> None:
    event = a_recorded_event()
    assert is_intact(event)
    assert not is_intact(replace(event, **{name: value}))


def test_all_fields_were_tried() -> None:
    fields = set(asdict(a_recorded_event())) - {"position", "content_hash"}
    assert {name for name, _ in CHANGES} == fields


def test_the_position_is_not_in_the_hash() -> None:
    assert is_intact(replace(a_recorded_event(), position=99))


def test_the_zone_of_an_instant_is_not_in_the_hash() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    assert is_intact(replace(a_recorded_event(), recorded_at=elsewhere))


def test_bytes_do_not_move_between_fields_and_data() -> None:
    first = a_recorded_event(type="test.a", data=b'{"b":1}')
    second = a_recorded_event(type='test.a"}', data=b'{"b":1}'[1:])
    assert first.content_hash != second.content_hash


def test_a_salt_has_16_random_bytes() -> None:
    assert len(new_salt()) == 16
    assert new_salt() != new_salt()


@pytest.mark.parametrize("size", [0, 15, 17])
def test_another_salt_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        a_recorded_event(salt=bytes(size))

"""Old and new versions of the program on one store: what one writes, the other leaves as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from events.bus.cloudevents import to_json
from events.catalogue import UnknownEvent, decode
from events.codec import canonical_json
from events.envelope import NewEvent
from events.keys import KeyShredded
from events.sealing.commitment import is_intact
from events.store.port import Expected
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from events.envelope import RecordedEvent
    from events.store.port import EventStore

#: What a later release may write: a type of its own, a newer shape, and one more field.
OF_TOMORROW: dict[str, tuple[int, dict[str, Any]]] = {
    "smtp_setting.blessed": (1, {"setting_id": "acme", "by": "用"}),
    "key.shredded": (2, {"tenant": "acme", "numbers": {"1": True}}),
}
WITH_ANOTHER_FIELD = {"tenant": "acme", "key_numbers": [1, 2], "reason": "asked for"}


def stored(store: EventStore, type_: str, version: int, data: object) -> RecordedEvent:
    """Return an event as it comes back from the store."""
    event = NewEvent(type=type_, schema_version=version, tenant="acme", data=canonical_json(data))
    append = an_append(f"key-{type_}{version}", event, expected=Expected.NO_STREAM)
    store.append([append], cause=a_cause(), at=NOON)
    (found,) = store.read_stream(append.stream)
    return found


def test_events_of_tomorrow_come_back_as_they_were_written(store: EventStore) -> None:
    for type_, (version, data) in OF_TOMORROW.items():
        found = stored(store, type_, version, data)
        assert found.data == canonical_json(data)
        assert (found.type, found.schema_version) == (type_, version)
        assert is_intact(found)
        assert decode(found) == UnknownEvent(type=type_, schema_version=version, data=data)
        told = to_json(found)
        assert told["data"] == data
        assert told["type"] == f"relaybook.{type_}.v{version}"


def test_a_field_of_tomorrow_is_passed_over_and_kept(store: EventStore) -> None:
    found = stored(store, "key.shredded", 1, WITH_ANOTHER_FIELD)
    assert decode(found) == KeyShredded(tenant="acme", key_numbers=(1, 2))
    assert json.loads(found.data) == to_json(found)["data"] == WITH_ANOTHER_FIELD

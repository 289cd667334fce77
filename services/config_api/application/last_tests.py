"""The last test of each setting at a position, from the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from events.catalogue import decode
from events.connection_test import CATEGORY, ConnectionTestCompleted
from events.envelope import RecordedEvent, names_in
from events.store.port import EventStore
from services.config_api.domain import connection_test
from services.config_api.read_model.listed import LastTest
from services.config_api.read_model.projections import last_test_row

_PREFIX, _ = names_in(CATEGORY)


def last_tests_at(
    store: EventStore, setting_ids: Iterable[str], position: int
) -> dict[str, LastTest]:
    """Return the last completed test of each of up to 1,000 settings that had one at a position.

    Looks at the newest completion of each, and at the one before where that was a draft's. Raises
    StoreUnavailable.
    """
    found: dict[str, LastTest] = {}
    upto = dict.fromkeys(setting_ids, position)
    while upto:
        completed = store.last_of_tenants(ConnectionTestCompleted.TYPE, upto)
        found |= _of_stored_settings(store, completed)
        upto = {
            setting_id: event.position - 1
            for setting_id, event in completed.items()
            if setting_id not in found
        }
    return found


def _of_stored_settings(
    store: EventStore, completed: Mapping[str, RecordedEvent]
) -> dict[str, LastTest]:
    """Return what those of these tests say that were not of drafts, by setting."""
    streams = store.read_streams([event.stream for event in completed.values()])
    found: dict[str, LastTest] = {}
    for event in completed.values():
        test_id = event.stream.removeprefix(_PREFIX)
        recorded = ((one, decode(one)) for one in streams[event.stream])
        row = last_test_row(connection_test.fold(test_id, recorded), event.position)
        if row is not None:
            found[row["setting_id"]] = LastTest(
                id=test_id,
                verdict=row["verdict"],
                version=row["setting_version"],
                finished_at=row["finished_at"],
            )
    return found

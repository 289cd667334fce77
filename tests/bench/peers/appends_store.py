"""Appends by the product's store, as its commands do."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from events.store.port import Expected, PutRow, StreamAppend, VersionConflict
from events.store.sql.opening import open_store
from services.config_api.read_model.tables import smtp_settings
from tests.bench._appends_data import TOLD, a_new_event, a_row
from tests.bench._race import race
from tests.support.events import NOON, a_cause

if TYPE_CHECKING:
    from collections.abc import Sequence


class StoreWriter:
    def __init__(self, url: str) -> None:
        self._store = open_store(url).store
        self._cause = a_cause()

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        appends = [
            _append(stream, [version for _, version in some])
            for stream, some in groupby(events, itemgetter(0))
        ]
        self._store.append(appends, cause=self._cause, at=NOON)

    def read(self, stream: str) -> list[Any]:
        return [json.loads(event.data) for event in self._store.read_stream(stream)]

    def is_refused(self, stream: str, version: int) -> bool:
        try:
            self.append([(stream, version)])
        except VersionConflict:
            return True
        return False


def _append(stream: str, versions: Sequence[int]) -> StreamAppend:
    return StreamAppend(
        stream=stream,
        expected=versions[0] - 1 or Expected.NO_STREAM,
        events=[a_new_event() for _ in versions],
        rows=[
            PutRow(table=smtp_settings, values=a_row(stream, versions[-1]), newer_by="version"),
        ],
    )


if __name__ == "__main__":
    race(StoreWriter, TOLD)

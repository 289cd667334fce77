"""Appends by the library `eventsourcing`: its recorder alone, without rows of a read model."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.persistence import (  # type: ignore[import-not-found]  # among the peers' own packages
    IntegrityError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresFactory  # type: ignore[import-not-found]  # the same
from eventsourcing.utils import Environment  # type: ignore[import-not-found]  # the same

from tests.bench._appends_data import DATA, TOLD, TYPE
from tests.bench._race import race

if TYPE_CHECKING:
    from collections.abc import Sequence


class LibraryWriter:
    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": address.path[1:],
            "POSTGRES_HOST": str(address.hostname),
            "POSTGRES_PORT": str(address.port),
            "POSTGRES_USER": str(address.username),
            "POSTGRES_PASSWORD": "unused",
            "POSTGRES_LOCK_TIMEOUT": "30",
        }
        factory = PostgresFactory(Environment("bench", environment))
        self._recorder = factory.application_recorder()

    def append(self, events: Sequence[tuple[str, int]]) -> None:
        self._recorder.insert_events(
            [StoredEvent(_id(stream), version, TYPE, DATA) for stream, version in events]
        )

    def read(self, stream: str) -> list[Any]:
        return [json.loads(event.state) for event in self._recorder.select_events(_id(stream))]

    def is_refused(self, stream: str, version: int) -> bool:
        try:
            self.append([(stream, version)])
        except IntegrityError:
            return True
        return False


@lru_cache(maxsize=1)
def _id(stream: str) -> UUID:
    return uuid5(NAMESPACE_URL, stream)


if __name__ == "__main__":
    race(LibraryWriter, TOLD)

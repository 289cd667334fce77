"""Readers and writers who go on while something happens, and remember every answer."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE_S: Final = 0.03
_SETTINGS: Final = ("a", "b")


@dataclass
class Load:
    """What was answered: how often which status, and the last X-Mailer that was confirmed."""

    client: httpx.Client
    statuses: Counter[str] = field(default_factory=Counter)
    confirmed: dict[str, str] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)

    def _note(self, ask: str, setting: str, body: dict[str, str] | None) -> None:
        headers = {} if body is None else {"If-Match": "*"}
        try:
            answer = self.client.request(
                ask, f"/v1/smtp-settings/{setting}", json=body, headers=headers
            )
        except httpx.TransportError as error:
            self.statuses[f"{ask} {type(error).__name__}"] += 1
            return
        self.statuses[f"{ask} {answer.status_code}"] += 1
        if body is not None and answer.is_success:
            self.confirmed[setting] = body["x_mailer"]

    def _write(self, setting: str) -> None:
        number = 0
        while not self.stop.wait(_PAUSE_S):
            number += 1
            self._note("PATCH", setting, {"x_mailer": f"mailer {number}"})

    def _read(self, setting: str) -> None:
        while not self.stop.wait(_PAUSE_S):
            self._note("GET", setting, None)

    @property
    def failed(self) -> dict[str, int]:
        return {name: count for name, count in self.statuses.items() if not name.endswith("200")}


@contextmanager
def under_load(client: httpx.Client) -> Iterator[Load]:
    """Read and write two settings from four threads until the block ends."""
    for name in _SETTINGS:
        body = {"id": name, "host": "smtp.acme.example"}
        assert client.post("/v1/smtp-settings", json=body).status_code == 201
    load = Load(client)
    threads = [Thread(target=work, args=(one,)) for one in _SETTINGS
               for work in (load._write, load._read)]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stop.set()
        for thread in threads:
            thread.join()

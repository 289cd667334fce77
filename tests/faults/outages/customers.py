"""Customers who go on while something fails: each knows exactly what was acknowledged to it.

A request without an answer that settles it (none at all, or 5xx) is sent again with the same
idempotency key, to the next process, until it is settled.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import httpx

from events.envelope import new_id
from events.store.sql.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.outages.site import Site

_PAUSE_S: Final = 0.03
_AGAIN_S: Final = 0.2
_ANSWER_S: Final = 30.0
_SETTLED_S: Final = 90.0
_SERVER_ERROR: Final = 500


@dataclass
class Ledger:
    """What was acknowledged, and what happened on the way; all of it lies `after` this position."""

    after: int
    #: By setting the type and X-Mailer of each change, in order.
    changes: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    #: Requests that were settled by asking again, and those of them whose effect was there.
    asked_again: int = 0
    replayed: int = 0
    wrong: list[str] = field(default_factory=list)
    #: When (on the monotonic clock) changes were acknowledged.
    changed_at: list[float] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.answers[what] += 1

    def blame(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)


class Customer:
    """Registers settings of its own, changes, reads and tests them."""

    def __init__(self, site: Site, ledger: Ledger, number: int, stop: Event) -> None:
        self._site = site
        self._ledger = ledger
        self._number = number
        self._stop = stop
        self._random = random.Random(number)
        self._names = [f"customer-{number}-{new_id()[-6:]}-{n}" for n in range(2)]
        self._versions: dict[str, int] = {}

    def run(self) -> None:
        """Go on until told to stop; what was begun is settled."""
        self._clients = [self._site.client(n, seconds=_ANSWER_S) for n in range(2)]
        try:
            while not self._stop.wait(_PAUSE_S):
                self._act(self._random.choice(self._names))
        except Exception as error:  # noqa: BLE001 -- told at the end, by the thread that waits
            self._ledger.blame(f"customer {self._number}: {error!r}")
        finally:
            for client in self._clients:
                client.close()

    def _act(self, name: str) -> None:
        kind = self._random.random()
        if name not in self._versions:
            self._register(name)
        elif kind < 0.45:
            self._read(name)
        elif kind < 0.9:
            self._change(name)
        else:
            self._test(name)

    def _register(self, name: str) -> None:
        answer = self._settled("POST", "/v1/smtp-settings", self._site.setting(name))
        if answer is not None and self._is(answer, 201, name):
            self._acknowledged(name, answer, "smtp_setting.registered", None)

    def _change(self, name: str) -> None:
        version = self._versions[name]
        mailer = f"mailer {version}"
        answer = self._settled(
            "PATCH", f"/v1/smtp-settings/{name}", {"x_mailer": mailer}, f'"v{version}"'
        )
        if answer is not None and self._is(answer, 200, name):
            self._acknowledged(name, answer, "smtp_setting.updated", mailer)

    def _test(self, name: str) -> None:
        answer = self._settled("POST", "/v1/connection-tests", {"setting_id": name})
        if answer is not None and self._is(answer, 202, name):
            with self._ledger.lock:
                self._ledger.tests.append(answer.json()["id"])

    def _read(self, name: str) -> None:
        """Read by either process: what was acknowledged is there, or there is no answer."""
        try:
            client = self._random.choice(self._clients)
            answer = client.get(f"/v1/smtp-settings/{name}")
        except httpx.TransportError as error:
            self._ledger.count(f"read {type(error).__name__}")
            return
        self._ledger.count(f"read {answer.status_code}")
        if answer.status_code == 503:
            return
        if self._is(answer, 200, name) and answer.json()["version"] != self._versions[name]:
            self._ledger.blame(f"{name} is read in an old version")

    def _acknowledged(
        self, name: str, answer: httpx.Response, kind: str, mailer: str | None
    ) -> None:
        expected = self._versions.get(name, 0) + 1
        if answer.headers["ETag"] != f'"v{expected}"':
            self._ledger.blame(f"{name}: {answer.headers['ETag']} instead of {expected}")
        self._versions[name] = expected
        with self._ledger.lock:
            self._ledger.changes.setdefault(name, []).append((kind, mailer))
            self._ledger.changed_at.append(time.monotonic())

    def _settled(
        self, method: str, path: str, body: Any, if_match: str | None = None
    ) -> httpx.Response | None:
        """Send until the answer settles it; None where that took too long."""
        headers = {"Idempotency-Key": new_id()}
        if if_match is not None:
            headers["If-Match"] = if_match
        until, asked = time.monotonic() + _SETTLED_S, 0
        while time.monotonic() < until:
            client = self._clients[(self._number + asked) % 2]
            answer = self._asked(client, method, path, body, headers)
            asked += 1
            if answer is not None:
                self._note_again(asked, answer)
                return answer
            time.sleep(_AGAIN_S)
        self._ledger.blame(f"{method} {path} was not settled within {_SETTLED_S} s")
        return None

    def _asked(
        self, client: httpx.Client, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> httpx.Response | None:
        try:
            answer = client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            self._ledger.count(f"change {type(error).__name__}")
            return None
        self._ledger.count(f"change {answer.status_code}")
        if answer.status_code == 503 or _still_runs(answer):
            return None
        if answer.status_code >= _SERVER_ERROR:
            self._ledger.blame(f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer

    def _note_again(self, asked: int, answer: httpx.Response) -> None:
        with self._ledger.lock:
            self._ledger.asked_again += asked > 1
            self._ledger.replayed += asked > 1 and "Idempotent-Replayed" in answer.headers

    def _is(self, answer: httpx.Response, status: int, name: str) -> bool:
        if answer.status_code == status:
            return True
        self._ledger.blame(f"{name}: {answer.status_code} instead of {status}: {answer.text}")
        return False


def _still_runs(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["type"].endswith("idempotency-conflict")


@contextmanager
def customers(site: Site, *, number: int = 4) -> Iterator[Ledger]:
    """Have customers go on until the block ends; all they began is settled then."""
    with closing(open_store(site.database_url)) as opened:
        ledger, stop = Ledger(opened.store.head()), Event()
    threads = [
        Thread(target=Customer(site, ledger, n, stop).run, name=f"customer-{n}")
        for n in range(number)
    ]
    for thread in threads:
        thread.start()
    try:
        yield ledger
    finally:
        stop.set()
        for thread in threads:
            thread.join()

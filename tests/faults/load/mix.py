"""Who uses the service at once: readers, writers, testers, importers, followers of the events."""

from __future__ import annotations

import json
import random
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import httpx

from events.envelope import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.outages.site import Site

SETTINGS: Final = tuple(f"load-{number}" for number in range(40))
_IMPORTED: Final = 100
_LARGE: Final = 5_000
#: How many work at once, and how long each rests after an answer.
_CROWD: Final[dict[str, tuple[int, float]]] = {
    "read": (4, 0.02),
    "list": (1, 0.1),
    "history": (1, 0.1),
    "change": (3, 0.05),
    "test": (1, 0.2),
    "import": (1, 2.0),
    "large body": (1, 3.0),
}
_SERVER_ERROR: Final = 500
_SILENCE_S: Final = 30.0


@dataclass
class Mix:
    """What was answered to whom, and how fast."""

    site: Site
    stop: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    tests: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    #: By follower the positions that it was sent.
    followed: list[list[int]] = field(default_factory=list)

    def ask(self, kind: str, request: Callable[[], httpx.Response]) -> httpx.Response:
        """Make a request of a kind and note how it went."""
        began = time.perf_counter()
        answer = request()
        took = (time.perf_counter() - began) * 1000
        with self.lock:
            self.took_ms[kind].append(took)
            self.statuses[kind][answer.status_code] += 1
            if answer.status_code >= _SERVER_ERROR:
                self.wrong.append(f"{kind}: {answer.status_code} {answer.text[:300]}")
        return answer


class Somebody:
    """One client that does one kind of thing until it is told to stop."""

    def __init__(self, mix: Mix, kind: str, number: int) -> None:
        self._mix = mix
        self._kind = kind
        self._pause = _CROWD[kind][1]
        self._random = random.Random(f"{kind} {number}")
        self._client = mix.site.client(number)

    def run(self) -> None:
        work: Callable[[], httpx.Response] = {
            "read": self._read,
            "list": self._list,
            "history": self._history,
            "change": self._change,
            "test": self._test,
            "import": self._import,
            "large body": self._send_much,
        }[self._kind]
        try:
            while not self._mix.stop.wait(self._pause):
                self._mix.ask(self._kind, work)
        except Exception as error:  # noqa: BLE001 -- told at the end, by the thread that waits
            self._mix.wrong.append(f"{self._kind}: {error!r}")
        finally:
            self._client.close()

    def _one(self) -> str:
        return self._random.choice(SETTINGS)

    def _read(self) -> httpx.Response:
        end = self._random.choice(("", "/effective"))
        return self._client.get(f"/v1/smtp-settings/{self._one()}{end}")

    def _list(self) -> httpx.Response:
        return self._client.get("/v1/smtp-settings", params={"q": "load", "limit": "50"})

    def _history(self) -> httpx.Response:
        return self._client.get(f"/v1/smtp-settings/{self._one()}/history")

    def _change(self) -> httpx.Response:
        return self._client.patch(
            f"/v1/smtp-settings/{self._one()}",
            json={"x_mailer": new_id()},
            headers={"If-Match": "*", "Idempotency-Key": new_id()},
        )

    def _test(self) -> httpx.Response:
        answer = self._client.post("/v1/connection-tests", json={"setting_id": self._one()})
        if answer.is_success:
            self._mix.tests.append(answer.json()["id"])
        return answer

    def _import(self) -> httpx.Response:
        return self._sent(_IMPORTED, "mode=update")

    def _send_much(self) -> httpx.Response:
        return self._sent(_LARGE, "mode=new&dry_run=true")

    def _sent(self, number: int, query: str) -> httpx.Response:
        mailer = new_id()
        settings = [
            {"id": f"imported-{n}", "host": "smtp.acme.example", "x_mailer": mailer}
            for n in range(number)
        ]
        return self._client.post(
            f"/v1/imports?{query}", json={"relaybook": 1, "settings": settings}
        )


def _follow(mix: Mix, number: int, after: int) -> None:
    """Take server-sent events until the mix ends."""
    positions: list[int] = []
    mix.followed.append(positions)
    headers = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
    try:
        with (
            mix.site.client(number, seconds=_SILENCE_S) as client,
            client.stream("GET", "/v1/events/stream", headers=headers) as answer,
        ):
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    positions.append(int(json.loads(line[5:])["position"]))
                if mix.stop.is_set():
                    return
    except httpx.HTTPError as error:
        mix.wrong.append(f"follower {number}: {error!r}")


@contextmanager
def the_mix(site: Site) -> Iterator[Mix]:
    """Have all of them at it until the block ends."""
    mix = Mix(site)
    with site.client() as client:
        for name in SETTINGS:
            client.post("/v1/smtp-settings", json=site.setting(name)).raise_for_status()
        after = _position(client)
    crowd: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (Somebody(mix, kind, number).run, ())
        for kind, (several, _) in _CROWD.items()
        for number in range(several)
    ]
    crowd += [(_follow, (mix, number, after)) for number in range(2)]
    threads = [Thread(target=work, args=arguments) for work, arguments in crowd]
    for thread in threads:
        thread.start()
    try:
        yield mix
    finally:
        mix.stop.set()
        with site.client() as client:  # followers see one more event, and that it is over
            client.post("/v1/smtp-settings", json=site.setting(f"last-{new_id()[:8]}"))
        for thread in threads:
            thread.join()


def _position(client: httpx.Client) -> int:
    position: int = client.get("/v1/status").raise_for_status().json()["position"]
    return position

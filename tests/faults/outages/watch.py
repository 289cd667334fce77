"""Asks each process of the API ten times a second whether it is ready, and remembers."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EACH_S: Final = 0.1
_ANSWER_S: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """One answer: when it was asked for and when it came (monotonic), and its status."""

    asked: float
    came: float
    status: int


@dataclass
class Readiness:
    """What was answered; 0 stands for no answer."""

    looks: list[Look] = field(default_factory=list)

    def between(self, began: float, ended: float) -> set[int]:
        """Return what was answered to whoever asked and heard within a span of time."""
        return {one.status for one in self.looks if began <= one.asked and one.came <= ended}

    def longest(self) -> float:
        """Return how long the slowest answer took, in seconds."""
        return max(one.came - one.asked for one in self.looks)

    def _ask(self, url: str, stop: Event) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=_ANSWER_S) as client:
            while not stop.wait(_EACH_S):
                asked = time.monotonic()
                try:
                    status = client.get("/readyz").status_code
                except httpx.TransportError:
                    status = 0
                self.looks.append(Look(asked=asked, came=time.monotonic(), status=status))


@contextmanager
def watched(urls: Sequence[str]) -> Iterator[Readiness]:
    """Ask until the block ends."""
    readiness, stop = Readiness(), Event()
    threads = [Thread(target=readiness._ask, args=(url, stop)) for url in urls]
    for thread in threads:
        thread.start()
    try:
        yield readiness
    finally:
        stop.set()
        for thread in threads:
            thread.join()

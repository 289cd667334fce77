"""How large processes are and how much waits, looked at again and again."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from tests.faults.outages.children import children_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.outages.site import Site

_EACH_S: Final = 0.5
_KIB: Final = 1024
_PARTS: Final = 4


@dataclass
class Sizes:
    """By process its resident memory in MiB, and the relay's backlog in events, over time."""

    memory: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    backlog: list[int] = field(default_factory=list)

    def growth(self) -> dict[str, float]:
        """Return how many MiB each was larger in the last quarter than in the second."""
        return {name: round(_grown(seen), 1) for name, seen in self.memory.items()}

    def _look(self, site: Site, stop: Event) -> None:
        with site.client() as client:
            while not stop.wait(_EACH_S):
                for name, pid in _processes(site):
                    self.memory[name].append(_resident(pid))
                status = client.get("/v1/status").raise_for_status().json()
                self.backlog.append(status["backlog"] + sum(status["queues"].values()))


def _grown(seen: list[float]) -> float:
    part = len(seen) // _PARTS
    return median(seen[-part:]) - median(seen[part : 2 * part])


def _processes(site: Site) -> Iterator[tuple[str, int]]:
    """Return the processes that work; one that only watches over another is not among them."""
    for kind, running in site.processes.items():
        for number, process in enumerate(running, 1):
            for pid in children_of(process.pid) or [process.pid]:
                yield f"{kind} {number}", pid


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KIB
    return 0.0


@contextmanager
def sizes_of(site: Site) -> Iterator[Sizes]:
    """Look until the block ends."""
    sizes, stop = Sizes(), Event()
    thread = Thread(target=sizes._look, args=(site, stop))
    thread.start()
    try:
        yield sizes
    finally:
        stop.set()
        thread.join()

"""How reads of one setting grow with the number of settings: time, and memory of the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.bench._frame import say
from tests.bench._growth import growth
from tests.bench._load import all_asked, throughput
from tests.bench._reads_data import into_postgres
from tests.bench._reads_peers import relaybook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench._place import Place

SECONDS: Final = 4
CONNECTIONS: Final = 32
#: Memory for answers that is enough for 100,000, and what a server has unless told otherwise.
KEPT_MIB: Final = 256
_DEFAULT_MIB: Final = 64
_ALL_IN_S: Final = 2
_AIM: Final = {"settings": 100_000, "mib": 200}
#: More than a server keeps in the memory that it has: reading still more shows the bound again.
_MOST_ASKED: Final = 250_000


@dataclass(kw_only=True)
class GrowingReads:
    """More and more settings in the read model, and what was measured at each number of them."""

    place: Place
    count: int = 0
    time: dict[str, dict[int, float]] = field(default_factory=dict)
    memory: dict[str, dict[int, float]] = field(default_factory=dict)

    def measure(self, sizes: Sequence[int]) -> None:
        """Add settings until there are so many, and measure servers that keep answers or none.

        What fills a server with less memory than all answers need is read up to the aim only: it
        takes long, and beyond that only shows the bound again.
        """
        for size in sizes:
            into_postgres(self.place.url, self.count, size)
            self.count = size
            self._measure(KEPT_MIB)
            self._measure(0)
            if size <= _AIM["settings"]:
                self._measure(_DEFAULT_MIB)

    def told(self) -> dict[str, Any]:
        """Return all that was measured."""
        return {
            "growth": growth("ms a read", self.time),
            "growth_of_memory": growth("MiB, once all settings were read", self.memory),
            "memory_aim": _AIM,
        }

    def _measure(self, mib: int) -> None:
        place, size = self.place, self.count
        folder = place.sub(f"grown-{size}-{mib}")
        name = f"up to {mib} MiB of answers kept" if mib else "nothing kept"
        with relaybook(folder, place.environment, place.beside, mib=mib) as target:
            if mib:
                asked = min(size, _MOST_ASKED)
                turn = all_asked(target, asked, folder, seconds=_ALL_IN_S, connections=CONNECTIONS)
                memory = turn.memory_mib["server"]
                self.memory.setdefault(name, {})[size] = memory
                say(f"{asked:,} of {size:,} settings read, {name}: {memory:.0f} MiB")
            if mib != _DEFAULT_MIB:
                turn = throughput(target, size, folder, seconds=SECONDS, connections=CONNECTIONS)
                self.time.setdefault(name, {})[size] = 1000 / turn.per_second
                say(f"{size:,} settings, {name}: {turn.per_second:,.0f} a second")

"""One outage: how long something was away, what readiness said, how soon all worked again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.outages.customers import Ledger
    from tests.faults.outages.site import Site
    from tests.faults.outages.watch import Readiness

#: The service is back within so many seconds after what it needs is back.
BACK_S: Final = 10.0
_PATIENCE_S: Final = 120.0


@dataclass
class Outage:
    """What a test does during an outage, and what it measures."""

    site: Site
    ledger: Ledger
    readiness: Readiness
    #: When it was surely away, and after how many seconds all was well again.
    spans: list[tuple[float, float]] = field(default_factory=list)
    back: list[float] = field(default_factory=list)

    def wait_for_changes(self, more: int) -> None:
        """Wait until the customers were told of so many more changes."""
        until = len(self.ledger.changed_at) + more
        wait_until(
            lambda: len(self.ledger.changed_at) >= until,
            seconds=_PATIENCE_S, what=f"{more} changes",
        )  # fmt: skip

    @contextmanager
    def away(self) -> Iterator[None]:
        """Note that during the block something is away."""
        began = time.monotonic()
        yield
        self.spans.append((began, time.monotonic()))

    def said_while_away(self) -> set[int]:
        """Return what readiness said meanwhile."""
        return {one for span in self.spans for one in self.readiness.between(*span)}

    def is_over(self) -> None:
        """Wait until all processes are ready, changes are taken and a test passes."""
        began = time.monotonic()
        wait_until(self.site.are_ready, seconds=_PATIENCE_S, what="the service is ready")
        self.wait_for_changes(1)
        self._wait_for_test()
        took = time.monotonic() - began
        self.back.append(took)
        assert took < BACK_S, f"back after {took:.1f} s"

    def _wait_for_test(self) -> None:
        """Have a test go all the way: API, log, relay, bus, tester, API, bus, relay, log."""
        name = next(iter(self.ledger.changes))
        with self.site.client() as client:
            asked = client.post("/v1/connection-tests", json={"setting_id": name})
            asked.raise_for_status()
            place = asked.headers["Location"]
            with self.ledger.lock:
                self.ledger.tests.append(asked.json()["id"])
            wait_until(
                lambda: client.get(place).json()["verdict"] == "passed",
                seconds=_PATIENCE_S, what="a test passes",
            )  # fmt: skip

"""One outage: how long something was away, what readiness said, how soon all worked again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

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
    _tests_before: int = 0

    def wait_for_changes(self, more: int) -> None:
        """Wait until the customers were told of so many more changes."""
        until = len(self.ledger.changed_at) + more
        wait_until(
            lambda: len(self.ledger.changed_at) >= until,
            seconds=_PATIENCE_S, what=f"{more} changes",
        )  # fmt: skip

    def refused(self) -> int:
        """Return how many changes could not be taken."""
        return self.ledger.answers["change 503"]

    def earliest_change(self) -> datetime:
        """Return the earliest time at which a setting was changed last, by the service's clock."""
        with self.site.client() as client:
            settings = [
                client.get(f"/v1/smtp-settings/{name}").raise_for_status().json()
                for name in self.ledger.changes
            ]
        return min(datetime.fromisoformat(one["updated_at"]) for one in settings)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Note that during the block something is away."""
        began, self._tests_before = time.monotonic(), len(self.ledger.tests)
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
        """Wait for a test that was asked for since: API, log, relay, bus, tester, and back again.

        It is the oldest: how long others wait behind it says how many there are.
        """
        with self.site.client() as client:
            with self.ledger.lock:
                asked = self.ledger.tests[self._tests_before :]
            place = f"/v1/connection-tests/{asked[0] if asked else self._ask(client)}"
            wait_until(
                lambda: client.get(place).json()["verdict"] is not None,
                seconds=_PATIENCE_S, what="a test ends",
            )  # fmt: skip
            ended = client.get(place).json()
            assert ended["verdict"] == "passed", ended

    def _ask(self, client: httpx.Client) -> str:
        name = next(iter(self.ledger.changes))
        asked = client.post("/v1/connection-tests", json={"setting_id": name})
        test: str = asked.raise_for_status().json()["id"]
        with self.ledger.lock:
            self.ledger.tests.append(test)
        return test

"""With the relay that operators start, an event is under a signed checkpoint within ten seconds."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tests.support.processes import RELAYBOOK, Processes, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.sealed_log import Kept

_MOST_SECONDS: Final = 10.0  # contract: a checkpoint is at most so far behind
_START_SECONDS: Final = 60.0
_APART_SECONDS: Final = 0.5  # so that events fall at every moment between two rounds
_EVENTS: Final = 4


def sealed_up_to(kept: Kept) -> int:
    head = kept.relaybook.log.log.newest()
    return 0 if head is None else head.position


def test_a_checkpoint_is_at_most_ten_seconds_behind(
    kept: Kept, store_url: str, tmp_path: Path
) -> None:
    environment = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": store_url,
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
    }
    (tmp_path / "logs").mkdir()
    with Processes(environment, tmp_path / "logs") as running:
        running.start([*RELAYBOOK, "relay"])
        kept.append(1)
        wait_until(lambda: sealed_up_to(kept) == 1, seconds=_START_SECONDS, what="the relay")
        appended: list[float] = []
        for number in range(2, 2 + _EVENTS):
            kept.append(1, begin=2 * number)
            appended.append(monotonic())
            sleep(_APART_SECONDS)
        for number, at in enumerate(appended, start=2):
            wait_until(
                lambda position=number: sealed_up_to(kept) >= position,  # type: ignore[misc]  # bound now
                seconds=at + _MOST_SECONDS - monotonic(),
                what=f"a checkpoint over position {number}",
            )
    newest = kept.relaybook.log.proofs.proof(1 + _EVENTS, None)
    assert newest.startswith("c2sp.org/tlog-proof@v1")
    assert kept.relaybook.log.proofs.status().behind == 0

"""One measurement in a process of its own: what it takes, and the most memory that it held.

`python -m tests.bench._measured_apart WORK URL EVENTS` prints a JSON object; the work is fold,
rebuild, replay, follow or at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic, process_time, time_ns
from typing import TYPE_CHECKING, Any, Final

from events.store.sql.opening import open_store
from events.store.subscription import Subscription
from services.config_api.application.replay import Replay
from services.config_api.read_model.folding import fold_all
from services.config_api.read_model.rebuild import rebuild
from tests.bench._log import EACH
from tests.bench._reads_data import setting_id
from tests.support.events import NOON

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

_QUERIES: Final = 200


def measured_apart(what: str, url: str, count: int) -> dict[str, Any]:
    """Run this module for a measurement; return what it prints."""
    words = [sys.executable, "-m", "tests.bench._measured_apart", what, url, str(count)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _fold(opened: OpenedStore, _: int) -> dict[str, float]:
    fold_all(opened.store.scan())
    return {}


def _rebuild(opened: OpenedStore, _: int) -> dict[str, float]:
    rebuild(opened.engine, opened.store)
    return {}


def _replay(opened: OpenedStore, _: int) -> dict[str, float]:
    for _replayed in Replay(store=opened.store).settings(until=opened.store.head()):
        pass
    return {}


def _follow(opened: OpenedStore, count: int) -> dict[str, float]:
    """Handle every event as a follower does, its cursor stored after each page."""
    subscription = Subscription(f"bench-{time_ns()}", opened.store, opened.cursors)
    handled, at_end = 0, False
    while not at_end:
        page = subscription.pending()
        handled += sum(event.data[:1] == b"{" for event in page.events)
        subscription.done(page)
        at_end = page.at_end
    if handled != count:
        raise RuntimeError(f"{handled} of {count} events came")
    return {}


def _at(opened: OpenedStore, count: int) -> dict[str, float]:
    """Ask for one setting as of an instant, again and again for others."""
    chance, store, taken = Random(1), opened.store, []
    for _ in range(_QUERIES):
        number = chance.randrange(count)
        began = monotonic()
        position = store.position_at(NOON + timedelta(minutes=number))
        store.read_stream(f"smtp_setting-{setting_id(number // EACH)}", upto_position=position)
        taken.append(monotonic() - began)
    return {"ms": median(taken) * 1000}


_MEASURES: Final[Mapping[str, Callable[[OpenedStore, int], dict[str, float]]]] = {
    "fold": _fold,
    "rebuild": _rebuild,
    "replay": _replay,
    "follow": _follow,
    "at": _at,
}


def _peak_mib() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main() -> None:
    """Measure once."""
    what, url, count = sys.argv[1:]
    opened = open_store(url)
    opened.store.head()
    before, began, cpu = _peak_mib(), monotonic(), process_time()
    own = _MEASURES[what](opened, int(count))
    took = {"seconds": monotonic() - began, "cpu_s": process_time() - cpu}
    opened.close()
    print(json.dumps({**took, "peak_mib": _peak_mib(), "idle_mib": before, **own}))  # noqa: T201 -- its result


if __name__ == "__main__":
    main()

"""The schedule of re-tests in a process of its own, on a clock that does not wait.

`python -m tests.bench._retests_apart` does the relay's duty while ten minutes of a period pass,
second by second, and prints a JSON object: seconds of processor time, and the most memory that the
process held in MiB. The service's own variables say where, and how long the period is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from threading import Event
from time import process_time
from typing import TYPE_CHECKING, Final

from services.config_api.application.relay.scheduling import Scheduling
from services.config_api.bootstrap import build, configure_logging
from services.config_api.settings import read_settings
from tests.support.memory import peak_mib
from tests.support.relaybook import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.store.port import Holding

PASSED: Final = timedelta(minutes=10)


class Passing(Event):
    """Lets time pass at once where a duty waits for it, and stops the duty at the end."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch, self._end = watch, watch() + PASSED

    def wait(self, timeout: float | None = None) -> bool:
        """Put the clock forward; tell whether it is the end."""
        self._watch.forward(seconds=timeout or 0)
        if self._watch() >= self._end:
            self.set()
        return self.is_set()


def schedule_apart(environment: Mapping[str, str]) -> dict[str, float]:
    """Run this module; return what it prints."""
    words = [sys.executable, "-m", "tests.bench._retests_apart"]
    told: dict[str, float] = json.loads(
        subprocess.run(
            words, env={**os.environ, **environment}, capture_output=True, text=True, check=True
        ).stdout
    )
    return told


def main() -> None:
    """Do the duty once."""
    watch = Watch()
    settings = read_settings(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    relaybook = build(settings, clock=watch)
    (duty,) = [one for one in relaybook.relay.duty_list if isinstance(one, Scheduling)]
    holding: Holding | None = relaybook.duties.try_hold(duty.name)
    if holding is None:
        raise RuntimeError("another process keeps the schedule")
    before = process_time()
    duty.run(holding, Passing(watch))
    cpu_s = process_time() - before
    holding.release()
    relaybook.close()
    print(json.dumps({"cpu_s": cpu_s, "peak_mib": peak_mib(os.getpid())}))  # noqa: T201 -- its result


if __name__ == "__main__":
    main()

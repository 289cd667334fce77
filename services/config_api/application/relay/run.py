"""Runs the relay's duties, each held by one process at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import Protocol

import structlog

from events.store.port import Duties, Holding
from services.config_api.application.relay.tally import FAILURES, HELD

_TRY_SECONDS = 1.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 5.0  # within 10 s of a database's return all works again
_log = structlog.get_logger(__name__)


class Duty(Protocol):
    """Something that one process does at a time."""

    @property
    def name(self) -> str:
        """How it is known to all processes."""
        ...

    def run(self, holding: Holding, stop: Event) -> None:
        """Do it until `stop` is set or the duty is lost; any exception is survived."""
        ...


class HasRelay(Protocol):
    """What `run_relay` needs of the whole service."""

    @property
    def relay(self) -> Relay:
        """The relay that was built with it."""
        ...


def run_relay(service: HasRelay, stop: Event) -> None:
    """Carry out the relay's duties that are free; returns drained once `stop` is set."""
    service.relay.run(stop)


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """All duties, one thread each."""

    duties: Duties
    duty_list: Sequence[Duty]

    def run(self, stop: Event) -> None:
        """Hold and carry out every duty that is free until `stop` is set; returns drained."""
        for duty in self.duty_list:
            HELD.labels(duty=duty.name).set(0)
        threads = [
            Thread(target=self._keep, args=(duty, stop), name=duty.name) for duty in self.duty_list
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _keep(self, duty: Duty, stop: Event) -> None:
        pause = _FIRST_PAUSE
        while not stop.is_set():
            began = monotonic()
            try:
                self._hold(duty, stop)
            except Exception:  # noqa: BLE001 -- the loop must survive whatever a duty meets
                FAILURES.labels(duty=duty.name).inc()
                _log.exception("a duty stopped and begins again", duty=duty.name, pause=pause)
                lasted = monotonic() - began > _LONGEST_PAUSE
                pause = _FIRST_PAUSE if lasted else min(pause * 2, _LONGEST_PAUSE)
                stop.wait(pause)

    def _hold(self, duty: Duty, stop: Event) -> None:
        """Carry out a duty if it is free, otherwise wait a second."""
        holding = self.duties.try_hold(duty.name)
        if holding is None:
            stop.wait(_TRY_SECONDS)
            return
        _log.info("a duty is held", duty=duty.name)
        HELD.labels(duty=duty.name).set(1)
        try:
            duty.run(holding, stop)
        finally:
            HELD.labels(duty=duty.name).set(0)
            holding.release()

"""Settings are tested again by themselves, evenly over the period (RELAYBOOK_RETEST_EVERY)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import structlog

from events.store.port import Holding
from services.config_api.application.context import Clock
from services.config_api.application.relay.tally import RETESTS
from services.config_api.application.retests import Moved, Retests

_EVERY_SECONDS = 1.0
_COUNTED_FOR = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheduling:
    """Looks each second whose turn it is; the settings are counted once a minute."""

    retests: Retests
    clock: Clock

    @property
    def name(self) -> str:
        """The duty's name."""
        return "scheduling"

    def run(self, holding: Holding, stop: Event) -> None:
        """Ask for tests until `stop` or until the duty is lost; raises StoreUnavailable."""
        _log.info("settings are tested again", every=str(self.retests.period))
        while not stop.is_set() and holding.still_held():
            counted_at, settings = self.clock(), self.retests.rows.count()
            while not stop.is_set() and holding.still_held():
                at = self.clock()
                if at - counted_at >= _COUNTED_FOR:
                    break
                if not _counted(self.retests.step(at, settings)).more:
                    stop.wait(_EVERY_SECONDS)


def _counted(moved: Moved) -> Moved:
    RETESTS.labels(outcome="asked").inc(moved.asked)
    RETESTS.labels(outcome="spared").inc(moved.spared)
    return moved

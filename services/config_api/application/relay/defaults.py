"""The defaults file's settings, brought in step by one process when its relay begins."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

import structlog

from events.store.port import Holding
from services.config_api.application.defaults import Defaults

_LOOK_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepingDefaults:
    """Reconciles once each time that a process takes the duty: the file is read at its start."""

    defaults: Defaults

    @property
    def name(self) -> str:
        """The duty's name."""
        return "defaults"

    def run(self, holding: Holding, stop: Event) -> None:
        """Reconcile, then hold the duty until `stop` or until it is lost.

        Raises InvalidDefaults, StoreUnavailable.
        """
        done = self.defaults.reconcile()
        _log.info("defaults kept", provisioned=done.provisioned, withdrawn=done.withdrawn)
        for setting_id, warning in self.defaults.warnings():
            _log.warning("a default has a warning", setting=setting_id, warning=warning)
        while holding.still_held() and not stop.wait(_LOOK_SECONDS):
            continue

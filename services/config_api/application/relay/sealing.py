"""The log is sealed behind the store: a signed checkpoint a few seconds after each event."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from time import monotonic

from events.store.port import Holding
from services.config_api.application.relay.tally import SEALED, SEALING_SECONDS
from services.config_api.application.sealed_log.sealer import Sealer

_EVERY_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealing:
    """Looks every two seconds for events that are not sealed yet."""

    sealer: Sealer

    @property
    def name(self) -> str:
        """The duty's name."""
        return "sealing"

    def run(self, holding: Holding, stop: Event) -> None:
        """Seal until `stop` or until the duty is lost.

        Raises SealingRefused, SealedMeanwhile, VaultError, StoreUnavailable.
        """
        sealing = self.sealer.begin()
        while not stop.is_set() and holding.still_held():
            before, began = sealing.size, monotonic()
            more = sealing.round()
            if sealing.size > before:
                SEALED.inc(sealing.size - before)
                SEALING_SECONDS.observe(monotonic() - began)
            if not more:
                stop.wait(_EVERY_SECONDS)

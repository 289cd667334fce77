"""Rows that have had their time: kept answers after a day, ended sessions, counted refusals."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from events.store.port import Holding
from services.config_api.application.context import Clock
from services.config_api.application.denials import Denials
from services.config_api.application.idempotency import KeptAnswers
from services.config_api.application.sessions import Sessions
from services.config_api.application.sign_in_tries import SignInTries

_EVERY_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Housekeeping:
    """Deletes them every ten minutes."""

    answers: KeptAnswers
    sessions: Sessions
    tries: SignInTries
    denials: Denials
    clock: Clock

    @property
    def name(self) -> str:
        """The duty's name."""
        return "housekeeping"

    def run(self, holding: Holding, stop: Event) -> None:
        """Clean until `stop` or until the duty is lost; raises StoreUnavailable."""
        while not stop.is_set() and holding.still_held():
            at = self.clock()
            self.sessions.forget_ended(at)
            self.tries.forget_old(at)
            self.denials.forget_old(at)
            while self.answers.forget_old(at) and not stop.is_set():
                continue
            stop.wait(_EVERY_SECONDS)

"""Rows that have had their time: kept answers, ended sessions, counted refusals, deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from events.store.port import Holding
from services.config_api.application.asking_rate import AskingRate
from services.config_api.application.context import Clock
from services.config_api.application.denials import Denials
from services.config_api.application.idempotency import KeptAnswers
from services.config_api.application.oauth_consents import OAuthConsents
from services.config_api.application.openid_attempts import OpenIdAttempts
from services.config_api.application.sessions import Sessions
from services.config_api.application.sign_in_tries import SignInTries
from services.config_api.application.webhook_deliveries import Deliveries
from services.config_api.application.webhook_messages import WebhookMessages

_EVERY_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Housekeeping:
    """Deletes them every ten minutes."""

    answers: KeptAnswers
    sessions: Sessions
    tries: SignInTries
    rate: AskingRate
    denials: Denials
    consents: OAuthConsents
    openid_attempts: OpenIdAttempts
    deliveries: Deliveries
    messages: WebhookMessages
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
            self.rate.forget_old(at)
            self.denials.forget_old(at)
            self.consents.forget_old(at)
            self.openid_attempts.forget_old(at)
            self.deliveries.forget_old(at)
            self.messages.forget_old(at)
            while self.answers.forget_old(at) and not stop.is_set():
                continue
            stop.wait(_EVERY_SECONDS)

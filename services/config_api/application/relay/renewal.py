"""Access tokens fetched ahead of their end, so that nobody who sends mail waits for a provider."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

import structlog

from events.store.port import Holding
from services.config_api.application.oauth_tokens import OAuthTokens
from services.config_api.application.relay.tally import FAILURES

_EVERY_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewal:
    """Looks every few seconds for tokens that should be renewed."""

    tokens: OAuthTokens

    @property
    def name(self) -> str:
        """The duty's name."""
        return "oauth-renewal"

    def run(self, holding: Holding, stop: Event) -> None:
        """Renew until `stop` or until the duty is lost; raises StoreUnavailable."""
        while not stop.is_set() and holding.still_held():
            self.round(stop)
            stop.wait(_EVERY_SECONDS)

    def round(self, stop: Event) -> None:
        """Renew what is due; what is wrong with one provider must not hold up the others."""
        for provider_id in self.tokens.rows.due(self.tokens.clock()):
            if stop.is_set():
                return
            try:
                self.tokens.renew(provider_id)
            except Exception:  # noqa: BLE001 -- the duty survives whatever one provider does
                FAILURES.labels(duty=self.name).inc()
                _log.exception("an access token cannot be renewed", provider_id=provider_id)

"""Whether the database is there and has the schema that this program was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.migrations import is_current

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook

EXTENSION = "relaybook-readiness"


class Readiness:
    """Asks for the schema until it is there, from then on only whether the store answers."""

    def __init__(self, service: Relaybook) -> None:
        self._service = service
        self._migrated = False

    def is_ready(self) -> bool:
        """Tell whether the process can work; raises StoreUnavailable where the store is away."""
        if not self._migrated:
            self._migrated = is_current(self._service.settings.database_url)
        elif self._migrated:
            self._service.store.head()
        return self._migrated

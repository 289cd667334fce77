"""OAuth providers as they are listed, and which settings name one."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine, bindparam, select

from events.store.sql.failures import translated
from services.config_api.read_model.tables import oauth_providers, smtp_settings

_ALL = select(oauth_providers).order_by(oauth_providers.c.id)
_ONE = select(oauth_providers).where(oauth_providers.c.id == bindparam("wanted"))
_IDS = select(oauth_providers.c.id)
_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredProvider:
    """A provider's finished JSON document (contract §7) and its version."""

    id: str
    version: int
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredProviders:
    """Reads providers; raises StoreUnavailable where the database is away."""

    engine: Engine

    def by_id(self, provider_id: str) -> StoredProvider | None:
        """Return one provider."""
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_ONE, {"wanted": provider_id}).one_or_none()
        return None if row is None else StoredProvider(**row._asdict())

    def all(self) -> list[StoredProvider]:
        """Return all providers, by id."""
        with translated(), self.engine.connect() as connection:
            return [StoredProvider(**row._asdict()) for row in connection.execute(_ALL)]

    def used_by(self, provider_id: str) -> list[str]:
        """Return up to ten IDs of settings that name a provider."""
        named = smtp_settings.c.document.contains(f'"provider_id":"{provider_id}"', autoescape=True)
        statement = select(smtp_settings.c.id).where(named).order_by(smtp_settings.c.id)
        with translated(), self.engine.connect() as connection:
            return list(connection.execute(statement.limit(_MOST_NAMED)).scalars())

    def known(self) -> Container[str]:
        """Return the ids of all providers as they are when one is first asked for."""
        return _Known(self)

    def ids(self) -> frozenset[str]:
        """Return the ids of all providers."""
        with translated(), self.engine.connect() as connection:
            return frozenset(connection.execute(_IDS).scalars())


class _Known:
    """Reads the ids only for a setting that names a provider, hence seldom."""

    def __init__(self, stored: StoredProviders) -> None:
        self._stored = stored

    def __contains__(self, provider_id: object) -> bool:
        return provider_id in self._ids

    @cached_property
    def _ids(self) -> frozenset[str]:
        return self._stored.ids()

"""Which settings are defaults now, for whoever brings them in step with the defaults file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from events.store.sql.failures import translated
from services.config_api.read_model.tables import smtp_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

_DEFAULTS = select(smtp_settings.c.id).where(smtp_settings.c.is_default)


def default_ids(engine: Engine) -> list[str]:
    """Return the IDs of all defaults, in no order; raises StoreUnavailable."""
    with translated(), engine.connect() as connection:
        return list(connection.execute(_DEFAULTS).scalars())

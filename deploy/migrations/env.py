"""Alembic runs this for every command; connection and transaction are the caller's."""

from __future__ import annotations

from alembic import context

from events.failpoints import reach
from events.store.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    on_version_apply=lambda **_: reach("migration.step"),
)
context.run_migrations()

"""Alembic runs this for every command; connection and transaction are the caller's."""

from __future__ import annotations

from alembic import context

from events.store.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

"""The event store: streams, events and cursors; events are complete in order and insert-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_event_store"
down_revision = None
branch_labels = None
depends_on = None

# Streams are listed in the order of code points, whatever the database's own collation is.
CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# 7 in the upper 16 bits marks a floor, see events/store/sql/postgresql/floor.py. A statement
# trigger, since as a column default it would take a lock a row.
FLOOR = """
CREATE FUNCTION events_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared((7::bigint << 48) | (
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_position_seq));
  RETURN NULL;
END $$;
CREATE TRIGGER events_floor BEFORE INSERT ON events
  FOR EACH STATEMENT EXECUTE FUNCTION events_floor();
"""

INSERT_ONLY_POSTGRESQL = """
CREATE FUNCTION events_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are insert-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION events_insert_only();
"""

INSERT_ONLY_SQLITE = """
CREATE TRIGGER events_no_{verb} BEFORE {verb} ON events
  BEGIN SELECT RAISE(ABORT, 'events are insert-only'); END
"""

# INSERT OR REPLACE deletes without a DELETE trigger; what is there already is refused by its keys.
NO_REPLACE_SQLITE = """
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
  WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position OR id = NEW.id
               OR (stream = NEW.stream AND version = NEW.version))
  BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: events.id'); END
"""


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("stream", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_streams"),
    )
    _create_events()
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.current_timestamp(),
        ),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("position", POSITION, sa.Identity(always=True, cache=1), primary_key=True),
        sa.Column("stream", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema_version", sa.SmallInteger, nullable=False),
        sa.Column("tenant", sa.Text),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("source_ip", sa.Text),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("causation_id", sa.Text),
        sa.Column("traceparent", sa.Text),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("stream", "version", name="uq_events_stream_version"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_tenant_position", "events", ["tenant", "position"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FLOOR)
        op.execute(INSERT_ONLY_POSTGRESQL)
        op.execute("ALTER TABLE streams SET (fillfactor = 70)")  # room for a new version in place
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(INSERT_ONLY_SQLITE.format(verb=verb))
    op.execute(NO_REPLACE_SQLITE)


def downgrade() -> None:
    op.drop_table("cursors")
    op.drop_table("events")
    op.drop_table("streams")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION events_floor()")
        op.execute("DROP FUNCTION events_insert_only()")

"""Indexes for readers of the log who look for a type, an actor or a story."""

from __future__ import annotations

from alembic import op

revision = "0008_event_filters"
down_revision = "0007_detections"
branch_labels = None
depends_on = None

COLUMNS = ("type", "actor", "correlation_id")


def upgrade() -> None:
    for column in COLUMNS:
        op.create_index(f"ix_events_{column}_position", "events", [column, "position"])


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f"ix_events_{column}_position", "events")

"""An index for the position of a moment: what was recorded by then is found without a walk."""

from __future__ import annotations

from alembic import op

revision = "0009_event_times"
down_revision = "0008_event_filters"
branch_labels = None
depends_on = None

INDEX = "ix_events_recorded_at_position"


def upgrade() -> None:
    op.create_index(INDEX, "events", ["recorded_at", "position"])


def downgrade() -> None:
    op.drop_index(INDEX, "events")

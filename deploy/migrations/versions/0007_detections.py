"""Detections: which server a domain hands mail in at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_detections"
down_revision = "0006_test_tries"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "detections",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_detections"),
    )
    op.create_table(
        "detection_work",
        sa.Column("detection_id", sa.Text, nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("dispatched_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("detection_id", name="pk_detection_work"),
    )
    op.create_index("ix_detection_work_due_at", "detection_work", ["due_at"])


def downgrade() -> None:
    op.drop_table("detection_work")
    op.drop_table("detections")

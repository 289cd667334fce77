"""Readers on several hosts that keep answers, so that writers can wait for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_read_leases"
down_revision = "0010_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_leases",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("board", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_read_leases"),
    )


def downgrade() -> None:
    op.drop_table("read_leases")

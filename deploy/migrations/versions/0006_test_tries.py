"""How often connection tests are asked for, counted for all processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_test_tries"
down_revision = "0005_token_uses"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "test_tries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", "subject", name="pk_test_tries"),
    )
    op.create_index("ix_test_tries_subject_at", "test_tries", ["subject", "at"])


def downgrade() -> None:
    op.drop_table("test_tries")

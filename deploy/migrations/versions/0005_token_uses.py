"""When each token was used last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_token_uses"
down_revision = "0004_sealed_log"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "token_uses",
        sa.Column("token_id", sa.Text, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_token_uses"),
    )


def downgrade() -> None:
    op.drop_table("token_uses")

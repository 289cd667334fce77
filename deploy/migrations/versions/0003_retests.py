"""Re-tests on a schedule: how far it has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_retests"
down_revision = "0002_service"
branch_labels = None
depends_on = None

CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "retest_steps",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("after_id", CODE_POINT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_retest_steps"),
    )


def downgrade() -> None:
    op.drop_table("retest_steps")

"""An index for the list of defaults, which are few: it is read without a walk over all settings."""

from __future__ import annotations

from alembic import op

revision = "0012_defaults"
down_revision = "0011_read_leases"
branch_labels = None
depends_on = None

INDEX = "ix_smtp_settings_is_default_id"


def upgrade() -> None:
    op.create_index(INDEX, "smtp_settings", ["is_default", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "smtp_settings")

"""Webhooks: who is told of what, each message for each of them, and what alerts hang on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_webhooks"
down_revision = "0009_event_times"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_webhooks()
    _create_deliveries()
    _create_messages()


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("webhook_id", CODE_POINT, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("attempted_at", INSTANT),
        sa.Column("status", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index(
        "ix_webhook_deliveries_webhook_id_at_id", "webhook_deliveries", ["webhook_id", "at", "id"]
    )
    op.create_index(
        "ix_webhook_deliveries_state_webhook_id_next_at",
        "webhook_deliveries",
        ["state", "webhook_id", "next_at"],
    )


def _create_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("tenant", CODE_POINT),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_messages"),
    )
    op.create_index("ix_webhook_messages_at", "webhook_messages", ["at"])
    op.create_table(
        "alert_states",
        sa.Column("setting_id", CODE_POINT, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("setting_id", name="pk_alert_states"),
    )


def downgrade() -> None:
    for name in ("alert_states", "webhook_messages", "webhook_deliveries", "webhooks"):
        op.drop_table(name)

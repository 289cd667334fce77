"""The sealed log: its tree in tiles, signed checkpoints, and the keys that sign them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_sealed_log"
down_revision = "0003_retests"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

INSERT_ONLY_POSTGRESQL = """
CREATE FUNCTION log_checkpoints_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'checkpoints are insert-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER log_checkpoints_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoints_insert_only();
"""

INSERT_ONLY_SQLITE = """
CREATE TRIGGER log_checkpoints_no_{verb} BEFORE {verb} ON log_checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are insert-only'); END
"""


def upgrade() -> None:
    _create_log()
    _create_keys()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(INSERT_ONLY_POSTGRESQL)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(INSERT_ONLY_SQLITE.format(verb=verb))


def _create_log() -> None:
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.PrimaryKeyConstraint("level", "number", name="pk_log_tiles"),
    )
    op.create_index("ix_log_tiles_position", "log_tiles", ["position"])
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("previous", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoints"),
        sa.UniqueConstraint("previous", name="uq_log_checkpoints_previous"),
    )
    op.create_table(
        "sealing_refusals",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sealing_refusals"),
    )


def _create_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("key_no", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("secret_id", sa.Text, nullable=False),
        sa.Column("handover", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key_no", name="pk_signing_keys"),
    )


def downgrade() -> None:
    for table in ("signing_keys", "sealing_refusals", "log_checkpoints", "log_tiles"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION log_checkpoints_insert_only()")

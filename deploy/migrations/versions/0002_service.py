"""The service on top of the store: read model, sealed secrets, and the rows that run it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_service"
down_revision = "0001_event_store"
branch_labels = None
depends_on = None

# Ids are ordered by code point, whatever the database's own collation is.
CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)

TABLES = (
    "oauth_consents",
    "oauth_tokens",
    "oauth_providers",
    "denials",
    "sign_in_tries",
    "passwords",
    "sign_in_links",
    "openid_attempts",
    "sessions",
    "idempotent_answers",
    "test_work",
    "vault_check",
    "sealed_secrets",
    "tenant_keys",
    "users",
    "tokens",
    "last_tests",
    "connection_tests",
    "smtp_settings",
)


def upgrade() -> None:
    _create_settings()
    _create_tests()
    _create_tokens()
    _create_users()
    _create_vault()
    _create_operational()
    _create_oauth()


def _create_settings() -> None:
    op.create_table(
        "smtp_settings",
        sa.Column("id", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_smtp_settings"),
    )


def _create_tests() -> None:
    op.create_table(
        "connection_tests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("setting_id", CODE_POINT),
        sa.Column("verdict", sa.Text),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connection_tests"),
    )
    op.create_index("ix_connection_tests_position", "connection_tests", ["position"])
    op.create_index(
        "ix_connection_tests_setting_id_position", "connection_tests", ["setting_id", "position"]
    )
    op.create_table(
        "last_tests",
        sa.Column("setting_id", CODE_POINT, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("setting_version", sa.BigInteger, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("setting_id", name="pk_last_tests"),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("tenants", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("sha256", name="uq_tokens_sha256"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("tenants", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )


def _create_vault() -> None:
    op.create_table(
        "tenant_keys",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key_no", sa.BigInteger, nullable=False),
        sa.Column("master", sa.Text),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("shredded_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant", "key_no", name="pk_tenant_keys"),
    )
    op.create_table(
        "sealed_secrets",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key_no", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_sealed_secrets"),
    )
    op.create_index("ix_sealed_secrets_tenant", "sealed_secrets", ["tenant"])
    op.create_table(
        "vault_check",
        sa.Column("master", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("master", name="pk_vault_check"),
    )


def _create_operational() -> None:
    op.create_table(
        "test_work",
        sa.Column("test_id", sa.Text, nullable=False),
        sa.Column("depth", sa.Text, nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("dispatched_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("test_id", name="pk_test_work"),
    )
    op.create_index("ix_test_work_due_at", "test_work", ["due_at"])
    op.create_table(
        "idempotent_answers",
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request_sha256", sa.Text, nullable=False),
        sa.Column("status", sa.BigInteger, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("principal", "method", "path", "key", name="pk_idempotent_answers"),
    )
    op.create_index("ix_idempotent_answers_created_at", "idempotent_answers", ["created_at"])
    _create_entry()
    _create_guards()


def _create_entry() -> None:
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("holds_by", sa.Text, nullable=False),
        sa.Column("token_id", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("roles", sa.Text),
        sa.Column("display_name", sa.Text),
        sa.PrimaryKeyConstraint("sha256", name="pk_sessions"),
    )
    op.create_table(
        "openid_attempts",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("try_id", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_openid_attempts"),
    )
    op.create_index("ix_openid_attempts_created_at", "openid_attempts", ["created_at"])
    op.create_table(
        "sign_in_links",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("sha256", name="pk_sign_in_links"),
    )


def _create_guards() -> None:
    op.create_table(
        "passwords",
        sa.Column("user", CODE_POINT, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_passwords"),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", "subject", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_subject_at", "sign_in_tries", ["subject", "at"])
    op.create_table(
        "denials",
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("minute", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("actor", "route", "minute", name="pk_denials"),
    )
    op.create_index("ix_denials_minute", "denials", ["minute"])


def _create_oauth() -> None:
    op.create_table(
        "oauth_providers",
        sa.Column("id", CODE_POINT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oauth_providers"),
    )
    op.create_table(
        "oauth_tokens",
        sa.Column("provider_id", CODE_POINT, nullable=False),
        sa.Column("provider_version", sa.BigInteger, nullable=False),
        sa.Column("access_id", sa.Text),
        sa.Column("expires_at", INSTANT),
        sa.Column("usable_until", INSTANT),
        sa.Column("renew_at", INSTANT),
        sa.Column("refresh_id", sa.Text),
        sa.Column("refresh_of", sa.BigInteger),
        sa.Column("refresh_expires_at", INSTANT),
        sa.Column("renewed_at", INSTANT),
        sa.Column("failure", sa.Text),
        sa.Column("failed_at", INSTANT),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("locked_by", sa.Text),
        sa.Column("locked_until", INSTANT),
        sa.PrimaryKeyConstraint("provider_id", name="pk_oauth_tokens"),
    )
    op.create_index("ix_oauth_tokens_renew_at", "oauth_tokens", ["renew_at"])
    op.create_table(
        "oauth_consents",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("provider_id", CODE_POINT, nullable=False),
        sa.Column("provider_version", sa.BigInteger, nullable=False),
        sa.Column("verifier_id", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_oauth_consents"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

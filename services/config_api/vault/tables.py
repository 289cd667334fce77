"""The vault's tables: wrapped keys of tenants, sealed secrets, and the marks of master keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from events.store.sql.tables import UtcDateTime, metadata

#: A tenant's keys by number from 1; the newest that is not shredded seals. `tenant` is empty for
#: the deployment. `master` is the id of the master key that wrapped it; both are null once the key
#: is shredded.
tenant_keys = Table(
    "tenant_keys",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("key_no", BigInteger, nullable=False),
    Column("master", Text),
    Column("wrapped", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    Column("shredded_at", UtcDateTime),
    PrimaryKeyConstraint("tenant", "key_no"),
)

#: `ciphertext` opens only under the tenant's key `key_no`, for this id, version and tenant.
sealed_secrets = Table(
    "sealed_secrets",
    metadata,
    Column("id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("tenant", Text, nullable=False, index=True),
    Column("key_no", BigInteger, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

#: A row a master key that wrapped something, sealed under it; retired ones may wrap no more.
vault_check = Table(
    "vault_check",
    metadata,
    Column("master", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
)

#: The keys that sign the sealed log's checkpoints, the newest last. The private part is the sealed
#: secret `secret_id`; `handover` is the note by which the key before handed the log over.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_no", BigInteger, primary_key=True, autoincrement=False),
    Column("verifier", Text, nullable=False),
    Column("secret_id", Text, nullable=False),
    Column("handover", Text),
    Column("created_at", UtcDateTime, nullable=False),
)

"""Rows that run the service and are not told by events; no rebuild touches them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from events.store.sql.tables import CodePointText, UtcDateTime, metadata

#: Tests that have not ended. `attempt` counts from 1; `due_at` is when an attempt that nobody
#: claimed is given up, and once it is claimed when its result is overdue.
test_work = Table(
    "test_work",
    metadata,
    Column("test_id", Text, primary_key=True),
    Column("depth", Text, nullable=False),
    Column("attempt", BigInteger, nullable=False),
    Column("dispatched_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Index(None, "due_at"),
)

#: First answers to requests with an idempotency key; `headers` is a JSON object.
idempotent_answers = Table(
    "idempotent_answers",
    metadata,
    Column("principal", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_sha256", Text, nullable=False),
    Column("status", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("principal", "method", "path", "key"),
    Index(None, "created_at"),
)

#: argon2id hashes of the users' passwords; a revoked user has none.
passwords = Table(
    "passwords",
    metadata,
    Column("user", CodePointText, primary_key=True),
    Column("hash", Text, nullable=False),
)

#: Tries to sign in that failed or are under way, one row for the user and one for the address.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("id", "subject"),
    Index(None, "subject", "at"),
)

#: Refusals that the log tells already; `minute` is the instant cut down to it.
denials = Table(
    "denials",
    metadata,
    Column("actor", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("minute", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("actor", "route", "minute"),
    Index(None, "minute"),
)

#: People who are signed in, by the hash of their cookie. `holds_by` is what a session hangs on: a
#: `token` (with its `token_id`), a `user`, or the `link` that let the first one in.
sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("holds_by", Text, nullable=False),
    Column("token_id", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

#: One-use links by their hash; a used one stays, to tell that a person has signed in.
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

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

#: Detections that have not ended, as `test_work`.
detection_work = Table(
    "detection_work",
    metadata,
    Column("detection_id", Text, primary_key=True),
    Column("attempt", BigInteger, nullable=False),
    Column("dispatched_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Index(None, "due_at"),
)

#: How far the schedule of re-tests has come: the setting passed last and when it was due. The next
#: step adds a row with the next number and drops this one, so that none is taken twice.
retest_steps = Table(
    "retest_steps",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("after_id", CodePointText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
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

#: Tests that were asked for lately, one row for each subject whose tests are counted.
test_tries = Table(
    "test_tries",
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
#: `token` (with its `token_id`), a `user`, the `link` that let the first one in, or the word of an
#: OpenID provider (`openid`): `issuer`, `roles` (a JSON list) and `display_name` as of the sign-in.
sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("holds_by", Text, nullable=False),
    Column("token_id", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("issuer", Text),
    Column("roles", Text),
    Column("display_name", Text),
)

#: When each token was used last, to the minute.
token_uses = Table(
    "token_uses",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("used_at", UtcDateTime, nullable=False),
)

#: Sign-ins by an OpenID provider that are under way, by the hash of their state: the state itself,
#: nonce and verifier come from the browser's cookie. `try_id` is a row of `sign_in_tries`.
openid_attempts = Table(
    "openid_attempts",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("try_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
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

#: What OAuth providers issued last, or why they did not. `access_id` and `refresh_id` name sealed
#: values; the refresh token is one that took the place of the one that `refresh_of` names, a
#: `<version>` of the provider's own secret. `provider_version` is that of the provider that was
#: asked. `renew_at` is when the next token should be fetched. Whoever asks holds `locked_by`.
oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    Column("provider_id", CodePointText, primary_key=True),
    Column("provider_version", BigInteger, nullable=False),
    Column("access_id", Text),
    Column("expires_at", UtcDateTime),
    Column("usable_until", UtcDateTime),
    Column("renew_at", UtcDateTime),
    Column("refresh_id", Text),
    Column("refresh_of", BigInteger),
    Column("refresh_expires_at", UtcDateTime),
    Column("renewed_at", UtcDateTime),
    Column("failure", Text),
    Column("failed_at", UtcDateTime),
    Column("failures", BigInteger, nullable=False),
    Column("locked_by", Text),
    Column("locked_until", UtcDateTime),
    Index(None, "renew_at"),
)

#: Consents that were begun, by the hash of their state; `verifier_id` names a sealed value.
oauth_consents = Table(
    "oauth_consents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("provider_id", CodePointText, nullable=False),
    Column("provider_version", BigInteger, nullable=False),
    Column("verifier_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

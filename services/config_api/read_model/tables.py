"""The rows that answer reads: all of them can be refilled from the events.

Ids are compared by code point, as contract §4 orders lists.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from events.store.sql.tables import CodePointText, UtcDateTime, metadata

#: `search` is id, host and user, case-folded; `document` the finished JSON of contract §3.
smtp_settings = Table(
    "smtp_settings",
    metadata,
    Column("id", CodePointText, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("search", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "is_default", "id"),
)

#: `position` is that of the request, `version` that of the test's stream; `document` is the test of
#: contract §5 with facts in place of sentences.
connection_tests = Table(
    "connection_tests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("setting_id", CodePointText),
    Column("verdict", Text),
    Column("document", Text, nullable=False),
    Index(None, "position"),
    Index(None, "setting_id", "position"),
)

#: `document` is the detection of contract §4 with facts in place of sentences.
detections = Table(
    "detections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

#: The last completed test of each stored setting; `position` is that of its completion.
last_tests = Table(
    "last_tests",
    metadata,
    Column("setting_id", CodePointText, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("setting_version", BigInteger, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
)

#: `id` is the user's name; `roles` and `tenants` as those of a token.
users = Table(
    "users",
    metadata,
    Column("id", CodePointText, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("roles", Text, nullable=False),
    Column("tenants", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("revoked_at", UtcDateTime),
)

#: `roles` and `tenants` are JSON lists; `tenants` NULL means all.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("tenants", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

#: `document` is the finished JSON of contract §7.
oauth_providers = Table(
    "oauth_providers",
    metadata,
    Column("id", CodePointText, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

#: `document` is the finished JSON of a webhook.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", CodePointText, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

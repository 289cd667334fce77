"""Rows that say what webhooks are told and were told; no rebuild touches them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from events.store.sql.tables import CodePointText, UtcDateTime, metadata

#: One message for one webhook. It mirrors the event at `position`, or is that of `webhook_messages`
#: where there is none. `at` is the message's own moment. `state` is pending, delivered or parked;
#: `attempts` counts since it was asked for last, `next_at` is when the next one is due. `status`,
#: `reason` and `detail` tell how the last attempt ended.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("webhook_id", CodePointText, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("position", BigInteger),
    Column("at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("next_at", UtcDateTime),
    Column("attempted_at", UtcDateTime),
    Column("status", BigInteger),
    Column("reason", Text),
    Column("detail", Text),
    Index(None, "webhook_id", "at", "id"),
    Index(None, "state", "webhook_id", "next_at"),
)

#: Messages that mirror no event: alerts, each once, and tests of webhooks. `data` is JSON.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("tenant", CodePointText),
    Column("at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),
    Index(None, "at"),
)

#: How each setting's last conclusive test ended; `position` is that of its completion.
alert_states = Table(
    "alert_states",
    metadata,
    Column("setting_id", CodePointText, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
)

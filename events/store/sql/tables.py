"""The tables of the event store, and the metadata that all tables of the product share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

#: One for the whole product: services add their tables to it, so that migrations see all of them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, always UTC, to the microsecond; SQLite alone would forget the zone.

    Raises ValueError for a naive datetime.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 -- the signature is SQLAlchemy's
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: Any | None,  # noqa: ANN401 -- what the driver returns
        dialect: Dialect,  # noqa: ARG002 -- the signature is SQLAlchemy's
    ) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


#: Text ordered by code point, whatever the database's own collation; SQLite compares text so.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")

_Position = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up INTEGER alone

streams = Table(
    "streams",
    metadata,
    Column("stream", CodePointText, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    # A larger cache of the sequence would hand out positions out of order.
    Column("position", _Position, Identity(always=True, cache=1), primary_key=True),
    Column("stream", CodePointText, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", SmallInteger, nullable=False),
    Column("tenant", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("source_ip", Text),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text),
    Column("traceparent", Text),
    Column("data", LargeBinary, nullable=False),  # not JSON: the exact bytes are hashed
    Column("salt", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version"),
    UniqueConstraint("id"),
    # For readers who look for few events among many, and for the position of a moment.
    Index(None, "tenant", "position"),
    Index(None, "type", "position"),
    Index(None, "actor", "position"),
    Index(None, "correlation_id", "position"),
    Index(None, "recorded_at", "position"),
    sqlite_autoincrement=True,  # an implicit rowid would be given out twice
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, server_default=func.current_timestamp()),
)

#: Readers that keep answers, on PostgreSQL: a row a process, `board` the one that it sees.
read_leases = Table(
    "read_leases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("board", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

#: The sealed log's tree, 256 hashes a tile; those at the right edge grow until they are whole.
#: `position` is that of a tile's first leaf, at level 0 only.
log_tiles = Table(
    "log_tiles",
    metadata,
    Column("level", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    Column("position", BigInteger, index=True),
    PrimaryKeyConstraint("level", "number"),
)

#: Signed heads of the sealed log. `position` is that of the last leaf; `previous` the size of the
#: checkpoint before: no two follow the same one, so that two sealers cannot part the log.
log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    UniqueConstraint("previous"),
)

#: At most one row: why nothing is sealed at present, and from which position on.
sealing_refusals = Table(
    "sealing_refusals",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

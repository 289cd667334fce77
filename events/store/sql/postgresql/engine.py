"""PostgreSQL by psycopg 3, with limits on everything that could wait for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine

from events.store.sql.refused import WeakDurability

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

_POOL_SECONDS = 10.0
_CONNECT_SECONDS = 5
_SILENT_MS = 15_000
_SESSION = {
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",  # a stuck writer holds back every follower
    "lock_timeout": "30s",
    "tcp_keepalives_idle": "10",  # a host that vanished gives up its duties in half a minute
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def make_engine(url: URL, *, pool_size: int) -> Engine:
    """Return the engine for writing."""
    return _engine(url, pool_size=pool_size)


def make_read_engine(url: URL, *, pool_size: int) -> Engine:
    """Return the engine for reading: no BEGIN before a statement and no ROLLBACK after it."""
    return _engine(
        url, pool_size=pool_size, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )


def check_durability(connection: Connection) -> None:
    """Raise WeakDurability where the server does not flush what it commits."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        value = connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
        if value == "off":
            raise WeakDurability(setting, value, "on")


def _engine(url: URL, **options: Any) -> Engine:  # noqa: ANN401 -- passed on to SQLAlchemy
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    own = url.query.get("options", "")  # what the address itself sets comes last and wins
    return create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        hide_parameters=True,  # errors are logged, and tell no values
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        connect_args={
            "application_name": "relaybook",
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _SILENT_MS,
            "options": f"{session} {own if isinstance(own, str) else ' '.join(own)}".strip(),
        },
        **options,
    )

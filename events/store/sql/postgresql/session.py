"""A database session that belongs to one owner, beside the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import PoolProxiedConnection


def session_of(pooled: PoolProxiedConnection) -> psycopg.Connection[Any]:
    """Return psycopg's connection under a pooled one."""
    session: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # the engine is psycopg's
    return session


def take_session(pooled: PoolProxiedConnection) -> psycopg.Connection[Any]:
    """Return psycopg's connection, in autocommit, and out of its pool for good.

    Closing it never raises, also where its server is gone.
    """
    session = session_of(pooled)
    pooled.detach()
    session.autocommit = True
    return session

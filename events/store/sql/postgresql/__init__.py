"""What only PostgreSQL has: floor locks, one-statement appends, session locks, NOTIFY."""

from events.store.sql.postgresql.engine import check_durability, make_engine, make_read_engine

__all__ = ["check_durability", "make_engine", "make_read_engine"]

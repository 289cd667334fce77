"""What only SQLite has: one writer, pragmas, duties by file locks, waking by a bell."""

from events.store.sql.sqlite.engine import check_durability, make_engine, make_read_engine

__all__ = ["check_durability", "make_engine", "make_read_engine"]

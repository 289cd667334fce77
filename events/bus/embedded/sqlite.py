"""The SQLite module: a build without the WAL-reset bug (before 3.51.3) where there is one."""

from __future__ import annotations

try:
    from pysqlite3 import dbapi2 as sqlite3
except ModuleNotFoundError:  # no wheel for this platform
    import sqlite3

__all__ = ["sqlite3"]

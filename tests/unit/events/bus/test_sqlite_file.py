"""The file is opened with care, whichever SQLite module is there."""

from __future__ import annotations

import importlib
import sqlite3 as standard
import sys
from typing import TYPE_CHECKING

import pytest

from events.bus.embedded import file as bus_file
from events.bus.embedded import sqlite

if TYPE_CHECKING:
    from pathlib import Path


class Busy:
    """A connection that finds the file locked a few times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def execute(self, _statement: str) -> None:
        if self.times:
            self.times -= 1
            raise sqlite.sqlite3.OperationalError("database is locked")


def test_the_change_to_wal_waits_for_other_processes() -> None:
    connection = Busy(3)
    bus_file._patiently(connection, "PRAGMA journal_mode=WAL")
    assert connection.times == 0


def test_the_wait_for_other_processes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_file, "_BUSY_SECONDS", 0.05)
    with pytest.raises(sqlite.sqlite3.OperationalError, match="locked"):
        bus_file._patiently(Busy(1_000_000), "PRAGMA journal_mode=WAL")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_bytes(b"something else entirely, and long enough" * 100)
    with pytest.raises(sqlite.sqlite3.DatabaseError):
        bus_file.open_file(str(tmp_path / "bus.db"))


def test_an_error_rolls_the_transaction_back(tmp_path: Path) -> None:
    connection = bus_file.open_file(str(tmp_path / "bus.db"))

    def half_of_it() -> None:
        with bus_file.transaction(connection):
            connection.execute("INSERT INTO queues VALUES ('half', NULL)")
            raise KeyError

    with pytest.raises(KeyError):
        half_of_it()
    assert connection.execute("SELECT count(*) FROM queues").fetchone() == (0,)
    connection.close()


def test_without_the_newer_build_the_standard_module_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    try:
        assert importlib.reload(sqlite).sqlite3 is standard
    finally:
        monkeypatch.undo()
        importlib.reload(sqlite)

"""What is refused at start: databases that may forget or damage what was acknowledged."""

from __future__ import annotations

from events.store.port import StoreError


class UnsupportedDatabase(StoreError):
    """The address names a database that the store does not run on."""


class WeakDurability(StoreError):
    """A setting of the database would lose acknowledged commits in a power cut."""

    def __init__(self, setting: str, value: str, needed: str) -> None:
        super().__init__(
            f"{setting} is {value}: a power cut would lose commits; set it to {needed}"
        )
        self.setting = setting
        self.value = value


class UnsafeSqlite(StoreError):
    """The SQLite at hand may corrupt a database in WAL mode that has two connections."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"SQLite {version} has the WAL-reset bug: install the package pysqlite3, "
            "or a Python with SQLite 3.51.3 or newer"
        )
        self.version = version

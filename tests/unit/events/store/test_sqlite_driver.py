from __future__ import annotations

import runpy
import sys
from types import SimpleNamespace

import pytest

from events.store.sql.refused import UnsafeSqlite
from events.store.sql.sqlite import engine
from events.store.sql.sqlite.engine import driver

UNSAFE = SimpleNamespace(sqlite_version="3.40.1", sqlite_version_info=(3, 40, 1))
SAFE = SimpleNamespace(sqlite_version="3.51.3", sqlite_version_info=(3, 51, 3))


def test_the_driver_at_hand_is_a_safe_one() -> None:
    assert driver().sqlite_version_info >= (3, 51, 3)


@pytest.mark.parametrize(
    ("own", "standard", "chosen"), [(SAFE, UNSAFE, SAFE), (None, SAFE, SAFE), (UNSAFE, SAFE, SAFE)]
)
def test_a_safe_driver_is_chosen(
    monkeypatch: pytest.MonkeyPatch, own: object, standard: object, chosen: object
) -> None:
    monkeypatch.setattr(engine, "pysqlite3", own)
    monkeypatch.setattr(engine, "sqlite3", standard)
    assert driver() is chosen


def test_without_pysqlite3_the_standard_driver_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    assert runpy.run_path(engine.__file__)["pysqlite3"] is None


@pytest.mark.parametrize("own", [None, UNSAFE])
def test_an_unsafe_driver_is_refused_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, own: object
) -> None:
    monkeypatch.setattr(engine, "pysqlite3", own)
    monkeypatch.setattr(engine, "sqlite3", UNSAFE)
    with pytest.raises(UnsafeSqlite, match=r"3\.40\.1 has the WAL-reset bug.*pysqlite3") as caught:
        driver()
    assert caught.value.version == "3.40.1"

"""Rows by one of many names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from events.store.sql.among import among
from events.store.sql.rows import insert_missing
from tests.contract.store.kit import things
from tests.support.events import NOON

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

NAMES = ['"', "'", "\\", "NULL", "{a,b}", "é", "\U0001f4e7"]


def test_rows_are_found_by_one_of_many_names(opened_store: OpenedStore) -> None:
    rows = [
        {"id": name, "version": 1, "sealed": b"\0", "made_at": NOON} for name in (*NAMES, "other")
    ]
    with opened_store.engine.begin() as connection:
        insert_missing(connection, things, rows)
        found, none = (
            connection.execute(select(things.c.id).where(among(connection, things.c.id, names)))
            for names in ((*NAMES, "missing"), ())
        )
        assert set(found.scalars()) == set(NAMES)
        assert none.all() == []

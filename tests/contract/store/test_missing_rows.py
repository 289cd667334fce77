"""Rows that are inserted unless they are there, and how many that were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from events.store.sql.rows import insert_missing
from tests.contract.store.kit import things
from tests.support.events import NOON

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore


def test_rows_that_are_there_are_left_and_the_others_counted(opened_store: OpenedStore) -> None:
    first = [{"id": "b", "version": 1, "sealed": b"\0\1", "made_at": NOON}]
    later = [{"id": id_, "version": 2, "sealed": b"\2", "made_at": NOON} for id_ in "abc"]
    with opened_store.engine.begin() as connection:
        assert insert_missing(connection, things, first) == 1
        assert insert_missing(connection, things, later) == 2
        assert insert_missing(connection, things, later) == 0
        found = connection.execute(
            select(things.c.id, things.c.version, things.c.sealed, things.c.made_at).order_by("id")
        ).all()
    assert [tuple(row) for row in found] == [
        ("a", 2, b"\2", NOON),
        ("b", 1, b"\0\1", NOON),
        ("c", 2, b"\2", NOON),
    ]

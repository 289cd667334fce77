"""A database that says "done" and wrote less than it was given is not believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from events.store.port import AddRow, Expected, PutRow
from events.store.sql.rows import LostWrite
from tests.contract.store.kit import things
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

SWALLOW = """
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION swallow();
"""


@pytest.fixture(params=["things", "events"])
def table(request: pytest.FixtureRequest, postgres: OpenedStore) -> str:
    """A table that takes no row any more, without a word."""
    name: str = request.param
    with postgres.engine.begin() as connection:
        connection.execute(text(SWALLOW.format(table=name)))
    return name


def test_rows_that_were_not_written_refuse_the_append(postgres: OpenedStore, table: str) -> None:
    one = an_append(
        "a-1", expected=Expected.ANY, rows=[PutRow(table=things, values={"id": "x", "version": 1})]
    )
    with pytest.raises(LostWrite) as caught:
        postgres.store.append([one], cause=a_cause(), at=NOON)
    assert (caught.value.table, caught.value.sent, caught.value.written) == (table, 1, 0)
    assert postgres.store.read_stream("a-1") == []


def test_many_rows_of_which_one_was_not_written_refuse_the_append(
    postgres: OpenedStore, table: str
) -> None:
    many = (
        an_append(f"a-{number}", rows=[AddRow(table=things, values={"id": number, "version": 1})])
        for number in map(str, range(3))
    )
    with pytest.raises(LostWrite) as caught:
        postgres.store.append(many, cause=a_cause(), at=NOON)
    assert (caught.value.table, caught.value.sent, caught.value.written) == (table, 3, 0)
    assert postgres.store.read_stream("a-1") == []

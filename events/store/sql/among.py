"""Rows by one of many names: one parameter, where one a name would be written and parsed anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection


def among(
    connection: Connection, column: ColumnElement[Any], names: Iterable[str]
) -> ColumnElement[bool]:
    """Return the condition that a column of text holds one of these names."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal([*names], ARRAY(Text)))
    given = func.json_each(literal(json.dumps([*names]))).table_valued("value")
    return column.in_(select(given.c.value))

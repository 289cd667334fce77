from __future__ import annotations

from typing import Any

import pytest

from events.catalogue import CATALOGUE
from events.upcasting import UPCASTERS, MissingUpcaster, upcast


def split_name(data: dict[str, Any]) -> dict[str, Any]:
    first, _, last = data["name"].partition(" ")
    return {"first": first, "last": last}


def add_title(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"title": None}


STEPS = {("person.came", 1): split_name, ("person.came", 2): add_title}


def test_old_data_takes_every_step() -> None:
    data = upcast("person.came", 1, {"name": "Ada L"}, to=3, upcasters=STEPS)
    assert data == {"first": "Ada", "last": "L", "title": None}


def test_data_begins_at_its_own_schema_version() -> None:
    data = upcast("person.came", 2, {"first": "Ada", "last": "L"}, to=3, upcasters=STEPS)
    assert data == {"first": "Ada", "last": "L", "title": None}


def test_the_newest_data_stays_as_it_is() -> None:
    assert upcast("person.came", 3, {"x": 1}, to=3, upcasters=STEPS) == {"x": 1}


@pytest.mark.parametrize(("type_", "version"), [("person.came", 3), ("person.left", 1)])
def test_a_gap_is_told(type_: str, version: int) -> None:
    with pytest.raises(MissingUpcaster, match=rf"{type_}: no step from schema version {version}"):
        upcast(type_, version, {}, to=4, upcasters=STEPS)


def test_every_old_schema_version_has_its_step() -> None:
    needed = {
        (shape.TYPE, version)
        for shape in CATALOGUE.values()
        for version in range(1, shape.SCHEMA_VERSION)
    }
    assert needed == set(UPCASTERS)

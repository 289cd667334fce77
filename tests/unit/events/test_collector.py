from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from events import collector

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _collecting_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_there_is_left_alone() -> None:
    there = [object()]
    collector.spare_the_program()
    assert all(one is not there for one in gc.get_objects())
    assert gc.get_threshold()[0] > 700


def test_cycles_that_come_later_are_still_found() -> None:
    collector.spare_the_program()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.store.port import CursorMoved

if TYPE_CHECKING:
    from tests.contract.store.kit import Tested


def test_a_new_cursor_is_at_0(tested: Tested) -> None:
    assert tested.cursors.load("relay") == 0


def test_a_cursor_stays_where_it_was_put(tested: Tested) -> None:
    tested.cursors.advance("relay", old=0, new=7)
    tested.cursors.advance("relay", old=7, new=12)
    assert tested.cursors.load("relay") == 12
    assert tested.cursors.load("sealer") == 0


@pytest.mark.parametrize("old", [0, 5, 8])
def test_a_cursor_that_another_moved_is_not_moved(tested: Tested, old: int) -> None:
    tested.cursors.advance("relay", old=0, new=7)
    with pytest.raises(CursorMoved) as caught:
        tested.cursors.advance("relay", old=old, new=12)
    assert caught.value.name == "relay"
    assert tested.cursors.load("relay") == 7


def test_a_cursor_that_never_was_is_not_moved_from_elsewhere(tested: Tested) -> None:
    with pytest.raises(CursorMoved):
        tested.cursors.advance("relay", old=3, new=4)
    assert tested.cursors.load("relay") == 0

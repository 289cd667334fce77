from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.config_api.application.seen_ids import SeenIds


@given(st.lists(st.text("ab", min_size=1, max_size=3)))
def test_an_id_is_new_once_in_whatever_order_they_come(ids: list[str]) -> None:
    seen = SeenIds()
    assert [seen.is_new(one) for one in ids] == [
        one not in ids[:place] for place, one in enumerate(ids)
    ]


def test_ids_in_order_are_not_kept_in_memory() -> None:
    seen = SeenIds()
    ids = [f"tenant-{number:04}" for number in range(1_000)]
    assert all(seen.is_new(one) for one in ids)
    assert seen._all is None
    assert not any(seen.is_new(one) for one in ids)

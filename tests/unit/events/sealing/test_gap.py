"""A missing version of a stream is told once a checkpoint says that the log itself is whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from events.sealing.verify import Mismatch, Walk


def test_a_gap_is_told_at_the_checkpoint_behind_it() -> None:
    checked: Any = SimpleNamespace(marks=[(5, b"root")], unsure=0, position=9, gaps=[3])
    tree: Any = SimpleNamespace(root=lambda: b"root")
    with pytest.raises(Mismatch) as told:
        Walk.check_root(checked, tree, 5)
    assert (told.value.position, told.value.code) == (3, "gap")

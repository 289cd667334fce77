"""Which master keys the database needs, and which ones may wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.config_api.vault.errors import WrongMasterKey
from services.config_api.vault.key_file import replace
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.master_key import MasterKey
from tests.support.settings import BEGIN
from tests.support.vault import KEY, OTHER_KEY, PASSWORD, Boxes

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = MasterKey.from_text(KEY), MasterKey.from_text(OTHER_KEY)


def test_the_first_key_that_wraps_leaves_a_mark(boxes: Boxes) -> None:
    assert boxes.vault.marks.all() == {}
    boxes.keep("acme", PASSWORD, "one")

    assert boxes.vault.marks.all() == {OLD.id: None}


def test_a_key_that_is_put_first_is_marked_at_start(boxes: Boxes) -> None:
    boxes.vault.check()
    boxes.with_key(f"{OTHER_KEY} {KEY}").check()

    assert boxes.vault.marks.all() == {OLD.id: None, NEW.id: None}
    with pytest.raises(WrongMasterKey, match=NEW.id):
        boxes.vault.check()


def test_a_retired_key_is_refused_at_start_until_it_is_laid_again(boxes: Boxes) -> None:
    boxes.vault.check()
    boxes.vault.marks.retire(OLD.id)

    assert boxes.vault.marks.all() == {OLD.id: BEGIN}
    with pytest.raises(WrongMasterKey, match="is being replaced"):
        boxes.with_key(KEY).check()
    boxes.vault.marks.lay()
    boxes.with_key(KEY).check()


def test_a_retired_key_wraps_nothing_more(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, "one")
    boxes.with_key(f"{OTHER_KEY} {KEY}").check()
    boxes.vault.marks.retire(OLD.id)

    with pytest.raises(WrongMasterKey, match="was replaced"):
        boxes.vault.prepare(["globex"])
    assert boxes.vault.open("acme", PASSWORD).reveal() == "one"
    assert boxes.keys() == [("acme", 1)]


def test_a_running_process_takes_the_new_key_from_its_file(boxes: Boxes, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    running = boxes.with_ring(KeyRing.from_file(path))
    running.check()
    replace(path, [NEW, OLD])
    boxes.with_ring(KeyRing.from_file(path)).marks.lay()
    boxes.vault.marks.retire(OLD.id)
    running.prepare(["globex"])

    assert boxes.masters() == {"globex": NEW.id}

"""Which master keys the database needs, and which ones may wrap."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from services.config_api.vault.errors import WrongMasterKey
from services.config_api.vault.key_file import replace
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.master_key import MasterKey
from tests.support.settings import BEGIN
from tests.support.vault import KEY, OTHER_KEY, PASSWORD, Boxes

if TYPE_CHECKING:
    from datetime import datetime
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


def begin_rotation(boxes: Boxes, path: Path) -> None:
    replace(path, [NEW, OLD])
    boxes.with_ring(KeyRing.from_file(path)).marks.lay()
    boxes.vault.marks.retire(OLD.id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    return path


def test_a_running_process_takes_the_new_key_from_its_file(boxes: Boxes, path: Path) -> None:
    running = boxes.with_ring(KeyRing.from_file(path))
    running.check()
    begin_rotation(boxes, path)
    running.prepare(["globex"])

    assert boxes.masters() == {"globex": NEW.id}


@pytest.mark.parametrize("read_before", [1, 2, 3])
def test_keys_that_are_made_while_another_thread_reads_the_file_are_wrapped_by_the_new_one(
    boxes: Boxes, path: Path, read_before: int
) -> None:
    running = boxes.with_ring(KeyRing.from_file(path))
    running.check()
    begin_rotation(boxes, path)
    asked = iter(range(1, 100))

    def clock() -> datetime:
        if next(asked) == read_before:
            running.ring.read_again()
        return BEGIN

    dataclasses.replace(running.keys, clock=clock).make_missing(["acme", "globex", "initech"])

    assert boxes.masters() == dict.fromkeys(["acme", "globex", "initech"], NEW.id)

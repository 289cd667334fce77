from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.config_api.vault.errors import MalformedMasterKey, NoMasterKey, WrongMasterKey
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.master_key import MasterKey
from tests.support.vault import KEY, OTHER_KEY

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_comes_from_a_file_with_blanks_around_it(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(f" {KEY}\n")
    key = MasterKey.from_text(KEY)

    ring = KeyRing.from_file(path)

    assert ring.unwrap(key.id, key.wrap(b"plain", b""), b"") == b"plain"


def test_the_first_of_several_keys_wraps_and_all_unwrap() -> None:
    ring = KeyRing.from_text(f"{OTHER_KEY}\n{KEY}\n")
    older = MasterKey.from_text(KEY)

    assert ring.newest.id == MasterKey.from_text(OTHER_KEY).id
    assert ring.unwrap(older.id, older.wrap(b"plain", b""), b"") == b"plain"


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_key_at_all_is_refused(text: str) -> None:
    with pytest.raises(MalformedMasterKey, match="there is no master key"):
        KeyRing.from_text(text)


def test_a_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(bytes(range(128, 160)))

    with pytest.raises(MalformedMasterKey):
        KeyRing.from_file(path)


def test_a_ring_whose_file_is_away_holds_nothing_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    ring = KeyRing.from_file(path)

    assert ring.is_empty
    with pytest.raises(NoMasterKey):
        _ = ring.newest
    path.write_text(KEY)
    assert ring.newest.id == MasterKey.from_text(KEY).id


def test_a_key_that_nobody_has_is_named(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    missing = MasterKey.from_text(OTHER_KEY)

    with pytest.raises(WrongMasterKey, match=f"the master key {missing.id} is not at hand"):
        KeyRing.from_file(path).named(missing.id)


def test_a_key_that_came_into_the_file_meanwhile_is_found(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    ring = KeyRing.from_file(path)
    newer = MasterKey.from_text(OTHER_KEY)
    path.write_text(f"{OTHER_KEY}\n{KEY}\n")

    assert ring.unwrap(newer.id, newer.wrap(b"plain", b""), b"") == b"plain"
    assert ring.newest.id == newer.id


def test_a_key_that_left_the_file_still_unwraps_where_it_was_known(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    ring = KeyRing.from_file(path)
    path.write_text(f"{OTHER_KEY}\n")

    ring.read_again()
    older = MasterKey.from_text(KEY)
    assert ring.unwrap(older.id, older.wrap(b"plain", b""), b"") == b"plain"


@pytest.mark.parametrize("text", ["", "canary"])
def test_a_file_that_holds_something_else_changes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    ring = KeyRing.from_file(path)
    path.write_text(text)

    ring.read_again()
    assert ring.newest.id == MasterKey.from_text(KEY).id


def test_keys_without_a_file_are_not_read_again() -> None:
    ring = KeyRing.from_text(KEY)
    ring.read_again()

    assert [key.id for key in ring.keys] == [MasterKey.from_text(KEY).id]

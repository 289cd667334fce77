from __future__ import annotations

import stat
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from services.config_api.vault.key_file import make
from services.config_api.vault.key_ring import KeyRing
from tests.support.vault import KEY

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = make(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(b64decode(path.read_text())) == 32
    assert KeyRing.from_file(path).unwrap(key.id, key.wrap(b"plain", b""), b"") == b"plain"


def test_two_new_keys_differ(tmp_path: Path) -> None:
    make(tmp_path / "one")
    make(tmp_path / "two")

    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)

    with pytest.raises(FileExistsError):
        make(path)
    assert path.read_text() == KEY
    assert list(tmp_path.iterdir()) == [path]

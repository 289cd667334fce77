from __future__ import annotations

import stat
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

import pytest

from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import MalformedMasterKey, WrongMasterKey
from services.config_api.vault.master_key import MasterKey, make
from tests.support.vault import KEY, OTHER_KEY

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_key_wraps_only_it_unwraps() -> None:
    wrapped = MasterKey.from_text(KEY).wrap(b"plain", b"purpose")

    assert MasterKey.from_text(KEY).unwrap(wrapped, b"purpose") == b"plain"
    with pytest.raises(WrongMasterKey):
        MasterKey.from_text(OTHER_KEY).unwrap(wrapped, b"purpose")


@pytest.mark.parametrize("wrapped", [b"", b"x" * 12, b"x" * 40])
def test_other_bytes_do_not_unwrap(wrapped: bytes) -> None:
    with pytest.raises(WrongMasterKey):
        MasterKey.from_text(KEY).unwrap(wrapped, b"purpose")


def test_another_purpose_does_not_unwrap() -> None:
    wrapped = MasterKey.from_text(KEY).wrap(b"plain", b"purpose")

    with pytest.raises(WrongMasterKey):
        MasterKey.from_text(KEY).unwrap(wrapped, b"other")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary",
        b64encode(b"canary" * 5).decode(),
        b64encode(bytes(33)).decode(),
        KEY[:-1],
        f"{KEY[:10]}\n{KEY[10:]}",
        "ä" * 44,
    ],
)
def test_a_text_that_is_not_32_bytes_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(MalformedMasterKey) as raised:
        MasterKey.from_text(text)

    assert str(raised.value) == "the master key must be 32 bytes in base64"


def test_a_key_comes_from_a_file_with_blanks_around_it(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(f" {KEY}\n")
    wrapped = MasterKey.from_text(KEY).wrap(b"plain", b"")

    assert MasterKey.from_file(path).unwrap(wrapped, b"") == b"plain"


def test_a_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(bytes(range(128, 160)))

    with pytest.raises(MalformedMasterKey):
        MasterKey.from_file(path)


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = make(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(b64decode(path.read_text())) == 32
    assert MasterKey.from_file(path).unwrap(key.wrap(b"plain", b""), b"") == b"plain"


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


def test_printing_a_key_does_not_show_it() -> None:
    key = MasterKey(Secret(KEY))

    assert KEY not in repr(key)
    assert not hasattr(key, "__dict__")

from __future__ import annotations

from base64 import b64encode

import pytest

from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import MalformedMasterKey, WrongMasterKey
from services.config_api.vault.master_key import MasterKey
from tests.support.vault import KEY, OTHER_KEY


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


def test_printing_a_key_does_not_show_it() -> None:
    key = MasterKey(Secret(KEY))

    assert KEY not in repr(key)
    assert not hasattr(key, "__dict__")


def test_a_key_is_named_by_an_id_that_gives_nothing_away() -> None:
    one, same, other = (MasterKey.from_text(text) for text in (KEY, f" {KEY}\n", OTHER_KEY))

    assert one.id == same.id != other.id
    assert len(bytes.fromhex(one.id)) == 8


def test_two_new_keys_differ() -> None:
    assert MasterKey.new().reveal() != MasterKey.new().reveal()

from __future__ import annotations

import pytest

from services.config_api.application.token_text import hashed, is_well_formed, new_token


def test_a_new_token_is_well_formed() -> None:
    text = new_token().reveal()
    assert text.startswith("rb_")
    assert len(text) == 52
    assert is_well_formed(text)


def test_two_tokens_differ() -> None:
    assert new_token() != new_token()


@pytest.mark.parametrize("position", [3, 20, 45, 46, 51])
def test_a_mistyped_character_is_noticed(position: int) -> None:
    text = new_token().reveal()
    other = "a" if text[position] != "a" else "b"
    assert not is_well_formed(text[:position] + other + text[position + 1 :])


@pytest.mark.parametrize("text", ["", "rb_", "rb_short", "xx_" + "0" * 49, "rb_" + "é" * 49])
def test_other_texts_are_no_tokens(text: str) -> None:
    assert not is_well_formed(text)


def test_a_hash_is_sha256_in_hexadecimal() -> None:
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

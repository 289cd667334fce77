from __future__ import annotations

import pytest

from services.config_api.vault.box import DoesNotOpen, binding, close_box, open_box

KEY = bytes(32)


def test_what_was_closed_opens_with_the_same_key_and_binding() -> None:
    nonce, ciphertext = close_box(KEY, b"plain", b"bound")

    assert open_box(KEY, nonce, ciphertext, b"bound") == b"plain"
    with pytest.raises(DoesNotOpen):
        open_box(KEY, nonce, ciphertext, b"other")
    with pytest.raises(DoesNotOpen):
        open_box(bytes(31) + b"\1", nonce, ciphertext, b"bound")


def test_an_impossible_nonce_does_not_open() -> None:
    _, ciphertext = close_box(KEY, b"plain", b"bound")

    with pytest.raises(DoesNotOpen):
        open_box(KEY, b"", ciphertext, b"bound")


def test_the_parts_of_a_binding_cannot_run_into_each_other() -> None:
    bindings = [
        binding("secret", "a", "b/c", 1, 1),
        binding("secret", "a/b", "c", 1, 1),
        binding("secret", "a", "b/c", 11),
        binding("secret", "a", "b/c", "1", 1),
        binding("tenant-key", "a", "b/c", 1, 1),
    ]

    assert len(set(bindings)) == len(bindings)

"""AES-256-GCM (NIST SP 800-38D) with a random nonce and associated data that says what it is."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.codec import floatless_json

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class DoesNotOpen(Exception):
    """Another key, other associated data, or altered bytes."""


def binding(kind: str, *parts: str | int) -> bytes:
    """Return associated data that no other kind and no other parts give."""
    return floatless_json(["relaybook", kind, *parts])


def close_box(key: bytes, plain: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
    """Return (nonce, ciphertext with its tag)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, plain, bound_to)


def open_box(key: bytes, nonce: bytes, ciphertext: bytes, bound_to: bytes) -> bytes:
    """Return the plain bytes; raises DoesNotOpen."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound_to)
    except (InvalidTag, ValueError):  # ValueError: a nonce of an impossible length
        raise DoesNotOpen from None

"""One master key: 32 bytes in base64, which wrap the keys of tenants."""

from __future__ import annotations

import binascii
import hashlib
import secrets
from base64 import b64decode, b64encode
from typing import Final

from services.config_api.domain.secret import Secret
from services.config_api.vault.box import (
    KEY_BYTES,
    NONCE_BYTES,
    DoesNotOpen,
    close_box,
    open_box,
)
from services.config_api.vault.errors import MalformedMasterKey, WrongMasterKey

_ID_LABEL: Final = b"relaybook master key id\0"
_ID_DIGITS: Final = 16


class MasterKey:
    """Wraps the tenants' keys; it holds its text as a secret, which nothing prints.

    `id` names it without giving anything away: the first 64 bits of a hash, hexadecimal.
    """

    __slots__ = ("__text", "id")

    def __init__(self, text: Secret) -> None:
        self.__text = text
        self.id = hashlib.sha256(_ID_LABEL + self._key()).hexdigest()[:_ID_DIGITS]

    @classmethod
    def from_text(cls, text: str) -> MasterKey:
        """Return the key from base64 of exactly 32 bytes; raises MalformedMasterKey."""
        return cls(Secret(text.strip()))

    @classmethod
    def new(cls) -> MasterKey:
        """Return a key that nobody has had before."""
        return cls(Secret(b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")))

    def reveal(self) -> str:
        """Return its text, for the file that keeps it."""
        return self.__text.reveal()

    def wrap(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return bytes that only this key unwraps, and only for the same purpose."""
        nonce, ciphertext = close_box(self._key(), plain, bound_to)
        return nonce + ciphertext

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Return what was wrapped; raises WrongMasterKey."""
        nonce, ciphertext = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return open_box(self._key(), nonce, ciphertext, bound_to)
        except DoesNotOpen:
            raise WrongMasterKey("the master key does not open what is stored") from None

    def _key(self) -> bytes:
        try:
            key = b64decode(self.__text.reveal(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise MalformedMasterKey(f"the master key must be {KEY_BYTES} bytes in base64")
        return key

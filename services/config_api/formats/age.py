"""Whole files sealed for a passphrase: age v1 (https://age-encryption.org/v1), as streams.

The payload is the STREAM construction: ChaCha20-Poly1305 over chunks of 64 KiB, each nonce a
counter of 11 bytes and a byte that is 1 in the last chunk alone.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from services.config_api.domain.secret import Secret
from services.config_api.formats.age_header import (
    MAX_WORK_FACTOR,
    WORK_FACTOR,
    WrongPassphrase,
    derived,
    new_header,
    read_header,
)
from services.config_api.formats.malformed import MalformedFile

__all__ = [
    "CONTENT_TYPE",
    "MAX_WORK_FACTOR",
    "WORK_FACTOR",
    "WrongPassphrase",
    "sealed",
    "unsealed",
]

CONTENT_TYPE: Final = "application/age"
_CHUNK: Final = 64 * 1024
_TAG: Final = 16
_NONCE: Final = 16


def sealed(plain: Iterable[bytes], passphrase: Secret) -> Iterator[bytes]:
    """Return the age file of what is read from `plain`, in bounded memory."""
    header, file_key = new_header(passphrase)
    nonce = secrets.token_bytes(_NONCE)
    yield header + nonce
    box = ChaCha20Poly1305(derived(file_key, b"payload", nonce))
    number = 0
    waiting = bytearray()
    for piece in plain:
        waiting += piece
        while len(waiting) > _CHUNK:  # a full chunk may be the last one
            yield box.encrypt(_numbered(number), bytes(waiting[:_CHUNK]), None)
            del waiting[:_CHUNK]
            number += 1
    yield box.encrypt(_numbered(number, last=True), bytes(waiting), None)


def unsealed(stream: BinaryIO, passphrase: Secret) -> BinaryIO:
    """Return what a sealed file holds, opened while it is read; nothing of it is kept.

    Raises MalformedFile where the file is no age file for a passphrase, armoured, cut off, altered
    or longer than it says (also while it is read); WrongPassphrase.
    """
    file_key = read_header(stream, passphrase)
    nonce = stream.read(_NONCE)
    if len(nonce) != _NONCE:
        raise MalformedFile("age_cut_off")
    box = ChaCha20Poly1305(derived(file_key, b"payload", nonce))
    return cast("BinaryIO", io.BufferedReader(_Unsealed(stream, box), _CHUNK))


class _Unsealed(io.RawIOBase):
    """Reads the chunks of a payload; each is known to be genuine before a byte of it is given."""

    def __init__(self, stream: BinaryIO, box: ChaCha20Poly1305) -> None:
        super().__init__()
        self._stream = stream
        self._box = box
        self._number = 0
        self._next = _read(stream)
        self._plain = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the writable kinds of buffers
        if not self._plain and not self._ended:
            self._plain = memoryview(self._opened())
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _opened(self) -> bytes:
        chunk, self._next = self._next, _read(self._stream)
        self._ended = not self._next
        plain = self._tried(chunk, last=self._ended)
        if plain is None:
            raise MalformedFile(self._fault(chunk))
        if not plain and self._number:
            raise MalformedFile("age_altered")  # an empty chunk stands in an empty file only
        self._number += 1
        return plain

    def _tried(self, chunk: bytes, *, last: bool) -> bytes | None:
        try:
            return self._box.decrypt(_numbered(self._number, last=last), chunk, None)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            return None

    def _fault(self, chunk: bytes) -> str:
        """Tell a file that ends too early or too late from one that was altered."""
        if self._tried(chunk, last=not self._ended) is None:
            return "age_altered"
        return "age_cut_off" if self._ended else "age_trailing"


def _read(stream: BinaryIO) -> bytes:
    """Return the next chunk: shorter than a full one at the end only."""
    parts = []
    left = _CHUNK + _TAG
    while left and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _numbered(number: int, *, last: bool = False) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])

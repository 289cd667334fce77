"""Signed notes (C2SP signed-note) with Ed25519: text that names who signed it."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32
_DASH: Final = "— "
_MOST_SIGNATURES: Final = 16


class MalformedNote(ValueError):
    """A text that is no signed note, or a key that is no verifier key."""


class NotSigned(Exception):
    """No signature of a known key is on the note, or one of them does not fit."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may have signed: a name and an Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    @classmethod
    def from_text(cls, text: str) -> VerifierKey:
        """Return the key of `NAME+ID+BASE64`, the ID in 8 hex digits; raises MalformedNote."""
        parts = text.strip().split("+", 2)
        try:
            name, key_id, encoded = parts
            packed = b64decode(encoded, validate=True)
        except ValueError:
            raise MalformedNote("a verifier key is NAME+ID+BASE64") from None
        key = cls(name, packed[1:])
        is_whole = packed[:1] == _ED25519 and len(key.public) == _PUBLIC_BYTES
        if not is_whole or not name or key.id.hex() != key_id:
            raise MalformedNote("a verifier key that does not fit its ID, or is not Ed25519")
        return key

    @property
    def id(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, newline, signature type and key."""
        packed = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(packed).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as it is handed to verifiers."""
        return f"{self.name}+{self.id.hex()}+{b64encode(_ED25519 + self.public).decode('ascii')}"

    def fits(self, signature: bytes, text: bytes) -> bool:
        """Return whether this key signed these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Signs notes under a name; its seed (32 bytes) is a secret, and nothing prints it."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> SigningKey:
        """Return the key of a seed; raises ValueError for one that has not 32 bytes."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> VerifierKey:
        """The key that checks its signatures."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return a text, which ends in a newline, as a note that this key signed."""
        signature = self.verifier.id + self.private.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {b64encode(signature).decode('ascii')}\n"


def text_of(note: str, keys: Sequence[VerifierKey]) -> str:
    """Return the text of a note that one of these keys signed.

    Signatures of other keys are passed over. Raises MalformedNote, NotSigned.
    """
    text, signatures = _parts(note)
    known = {(key.name, key.id): key for key in keys}
    checked = [
        (known[name, signature[:_ID_BYTES]], signature[_ID_BYTES:])
        for name, signature in signatures
        if (name, signature[:_ID_BYTES]) in known
    ]
    if not checked or not all(key.fits(signature, text.encode()) for key, signature in checked):
        raise NotSigned("no known key signed it")
    return text


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, parted, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not parted or lines.pop() != "" or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise MalformedNote("a note is text, an empty line and signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, parted, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        signature = b64decode(encoded, validate=True)
    except ValueError:
        signature = b""
    if not line.startswith(_DASH) or not name or not parted or len(signature) <= _ID_BYTES:
        raise MalformedNote("a line that is no signature")
    return name, signature

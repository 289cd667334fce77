"""The text of a bearer token: a prefix that scanners find, random characters and a checksum."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

from services.config_api.domain.secret import Secret

PREFIX = "rb_"
RANDOM_CHARACTERS = 43  # 62 ** 43 is more than 2 ** 256
CHECKSUM_CHARACTERS = 6  # 62 ** 6 is more than 2 ** 32
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = len(PREFIX) + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS


def new_token() -> Secret:
    """Return a new token text."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return Secret(PREFIX + text + _checksum(text))


def is_well_formed(text: str) -> bool:
    """Tell whether a text can be a token, so that a mistyped one never asks the database."""
    if len(text) != _LENGTH or not text.startswith(PREFIX) or not text.isascii():
        return False
    body = text[len(PREFIX) : -CHECKSUM_CHARACTERS]
    return secrets.compare_digest(text[-CHECKSUM_CHARACTERS:], _checksum(body))


def hashed(text: str) -> str:
    """Return the SHA-256 of a random secret, hexadecimal: the only form that is stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = []
    for _ in range(CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))

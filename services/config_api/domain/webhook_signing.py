"""Signatures of webhooks as Standard Webhooks has them (standardwebhooks.com, symmetric)."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Final

from services.config_api.domain.secret import Secret

PREFIX: Final = "whsec_"
LEAST_BYTES: Final = 24
MOST_BYTES: Final = 64
#: How many random bytes a secret has that the service makes itself.
USUAL_BYTES: Final = 32


class NotASecret(ValueError):
    """A text is no secret of Standard Webhooks."""


def secret_of(key: bytes) -> Secret:
    """Return a key as receivers are given it: `whsec_` and its base64."""
    return Secret(PREFIX + b64encode(key).decode("ascii"))


def key_of(secret: Secret) -> bytes:
    """Return the key in a secret, 24 to 64 bytes; raises NotASecret."""
    text = secret.reveal()
    try:
        key = b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NotASecret from None
    if not text.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise NotASecret
    return key


def signature(secret: Secret, message_id: str, timestamp: int, payload: bytes) -> str:
    """Return `v1,` and the base64 of the HMAC-SHA-256 over id, timestamp and payload.

    `timestamp` is that of the attempt, in seconds since 1970. Raises NotASecret.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), payload))
    digest = hmac.digest(key_of(secret), signed, hashlib.sha256)
    return "v1," + b64encode(digest).decode("ascii")

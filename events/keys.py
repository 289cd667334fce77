"""Facts about the keys that seal secrets and those that sign the log.

Streams `master_key-<id>`, `key-<tenant>` and `signing_key-<id>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MASTER_KEY_CATEGORY = "master_key"
KEY_CATEGORY = "key"
SIGNING_KEY_CATEGORY = "signing_key"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRotated:
    """A master key took the place of others: it wraps every tenant's key now.

    `master` and `retired` are ids, which give nothing of a key away; `count` is how many tenants'
    keys it wraps.
    """

    TYPE: ClassVar[str] = "key.rotated"
    SCHEMA_VERSION: ClassVar[int] = 1

    master: str
    retired: tuple[str, ...]
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyShredded:
    """A tenant's keys were destroyed: what they sealed opens no more.

    `key_numbers` are those that were held until then.
    """

    TYPE: ClassVar[str] = "key.shredded"
    SCHEMA_VERSION: ClassVar[int] = 1

    tenant: str
    key_numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKeyRotated:
    """Another key signs the log's checkpoints; both are verifier keys as C2SP signed-note has them.

    `retired` signs no more; what it signed stays valid.
    """

    TYPE: ClassVar[str] = "key.signing_rotated"
    SCHEMA_VERSION: ClassVar[int] = 1

    verifier: str
    retired: str


KeyEvent = KeyRotated | KeyShredded | SigningKeyRotated

"""Facts about the keys that seal secrets; streams `master_key-<id>` and `key-<tenant>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MASTER_KEY_CATEGORY = "master_key"
KEY_CATEGORY = "key"


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


KeyEvent = KeyRotated | KeyShredded

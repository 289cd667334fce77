"""The value that was meant by one of another JSON type, such as a number in quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from services.config_api.domain.field_errors import change_at

if TYPE_CHECKING:
    from services.config_api.domain.field_errors import Path

_FLAGS: Final = {"true": True, "false": False}
_INTEGER: Final = re.compile(r"-?[0-9]{1,10}")


def retyped(path: Path, value: object, expected: object) -> dict[str, Any] | None:
    """Return the merge patch with the value as the `expected` JSON type, None where none fits.

    Secrets are not repeated, and a place in a list cannot be patched.
    """
    if not path or not all(isinstance(step, str) for step in path) or _is_secret(path):
        return None
    meant = _as_integer(value) if expected == "integer" else None
    if expected == "boolean" and isinstance(value, str):
        meant = _FLAGS.get(value.strip().lower())
    if expected == "string" and isinstance(value, bool | int):
        meant = str(value).lower()
    return None if meant is None else change_at(path, meant)


def _is_secret(path: Path) -> bool:
    return str(path[-1]).lower().endswith("password")


def _as_integer(value: object) -> int | str | None:
    plain = value.strip() if isinstance(value, str) else ""
    return int(plain) if _INTEGER.fullmatch(plain) else None

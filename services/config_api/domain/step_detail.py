"""What a step of a connection test found, flat: for lines on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def detail_parts(detail: Mapping[str, Any] | None) -> list[str]:
    """Return the values of a step's detail as texts; what says nothing by itself is left out."""
    return [part for value in (detail or {}).values() if (part := _flat(value))]


def _flat(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_flat(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_flat, value))
    return "" if value is None or isinstance(value, bool) else str(value)

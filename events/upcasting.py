"""Old event data becomes the newest shape here, once, on reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _signed_in_without_provider(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"roles": None, "name": None}


#: (type, schema version it starts from) → the pure step to the next schema version.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("access.signed_in", 1): _signed_in_without_provider,
}


class MissingUpcaster(LookupError):
    """No step leads from this schema version to the newest one."""


def upcast(
    type_: str,
    schema_version: int,
    data: dict[str, Any],
    *,
    to: int,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> dict[str, Any]:
    """Return `data` of `type_` brought from `schema_version` to schema version `to`.

    Raises MissingUpcaster.
    """
    for version in range(schema_version, to):
        try:
            step = upcasters[type_, version]
        except KeyError:
            raise MissingUpcaster(f"{type_}: no step from schema version {version}") from None
        data = step(data)
    return data

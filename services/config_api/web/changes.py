"""Differences between versions as a page tells them: fields by their labels, values in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.config_api.web.words import field_name, value_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.config_api.domain.differences import Change

_TYPED_HOST: Final = "/host_unicode"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRow:
    """One field that differs: its label and both values as they are shown."""

    name: str
    before: str
    after: str


def change_rows(changes: Iterable[Change]) -> list[ChangeRow]:
    """Return what differs; a host as it was typed only where it is not the host itself."""
    told = list(changes)
    host = next((one for one in told if one["path"] == "/host"), None)
    return [_row(one) for one in told if not _repeats(one, host)]


def without_nothing(rows: Iterable[ChangeRow]) -> list[ChangeRow]:
    """Return the rows that say something: of a first version, most fields have no value."""
    return [row for row in rows if row.before != row.after]


def _row(change: Change) -> ChangeRow:
    pointer = change["path"]
    return ChangeRow(
        name=field_name(pointer),
        before=value_word(change["before"], pointer),
        after=value_word(change["after"], pointer),
    )


def _repeats(change: Change, host: Change | None) -> bool:
    if change["path"] != _TYPED_HOST or host is None:
        return False
    return (change["before"], change["after"]) == (host["before"], host["after"])

"""Changed fields in words, as plans and histories have them: `{path, before, after}`."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final

from services.config_api.cli.language import tr
from services.config_api.cli.output import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Change = Mapping[str, Any]

_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})
_HEAD_LINES: Final = 2


def change_words(change: Change) -> str:
    """Return a changed field in one line."""
    return f"{change['path']}: {shown(change['before'])} → {shown(change['after'])}"


def assigned(changes: Iterable[Change]) -> list[str]:
    """Return the fields of a new setting that hold something."""
    return [
        f"{one['path'].removeprefix('/')}={shown(one['after'])}"
        for one in changes
        if one["after"] not in _NOTHING
    ]


def diff_lines(change: Change) -> Iterator[str]:
    """Yield a changed field as a unified diff has it: `-port: 25`, `+port: 587`.

    A secret is only said to be changed or removed.
    """
    name = field_name(change["path"])
    if _is_secret(change["before"]) or _is_secret(change["after"]):
        removed = change["after"] is None
        words = tr("removed") if removed else tr("changed")
        yield f"{'-' if removed else '+'}{name}: {words}"
        return
    before, after = (_lines(name, change[side]) for side in ("before", "after"))
    differing = list(unified_diff(before, after, n=1, lineterm=""))[_HEAD_LINES:]
    yield from (line for line in differing if not line.startswith("@@"))


def field_name(pointer: str) -> str:
    """Return the dotted name of the field at a JSON pointer."""
    parts = pointer.removeprefix("/").split("/")
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"version"}


def _lines(name: str, value: object) -> list[str]:
    if value in _NOTHING:
        return []
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    first, *others = text.splitlines() or [""]
    if not others:
        return [f"{name}: {plain(first)}"]
    return [f"{name}: |", *(f"  {plain(line)}" for line in (first, *others))]

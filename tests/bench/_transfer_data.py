"""What transfers are checked by: the same settings went in and came out, in their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_HEAD = 1_000
_COUNTS = '"counts":'
_CHECKED = ("id", "host", "port", "security", "x_mailer", "timeout_ms", "session_properties")


def content(settings: Iterable[Mapping[str, Any]]) -> str:
    """Return a hash of settings, without what only some peers bear."""
    told = hashlib.sha256()
    for setting in settings:
        told.update(json.dumps([setting[name] for name in _CHECKED]).encode())
    return told.hexdigest()


def settings_of(path: Path) -> Iterator[dict[str, Any]]:
    """Return the settings of a file that has a line for each, whatever is around them."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"id"'):
                yield json.loads(line.rstrip(",\n"))


def counts_of(plan: Path) -> dict[str, int]:
    """Return how many settings a plan creates, skips and so on; its items may be too many to read.

    Raises ValueError for what is no plan.
    """
    with plan.open(encoding="utf-8") as text:
        head = text.read(_HEAD)
    found: dict[str, int] = json.JSONDecoder().raw_decode(head, head.index(_COUNTS) + len(_COUNTS))[
        0
    ]
    return found

"""The formats' names, apart from their code: command lines are completed without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: End of a file's name → name of the format.
SUFFIXES: Final[Mapping[str, str]] = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".csv": "csv",
    ".xml": "javamail",
}
#: Every format once.
NAMES: Final = tuple(dict.fromkeys(SUFFIXES.values()))

"""The files of the checkout as the architecture tests see them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("deploy", "events", "services", "tests")
_NOT_COMMITTED: Final = frozenset(
    {"__pycache__", "artefacts", "build", "htmlcov", "node_modules", "var"}
)


def _by_git() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def _by_walking() -> Iterator[Path]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name not in _NOT_COMMITTED
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name == ".ci")
        ]
        yield from (Path(folder) / name for name in names if name != ".coverage")


def project_files() -> list[Path]:
    """Return every file that is, or would be, committed; also where git is not installed."""
    try:
        found = _by_git()
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = list(_by_walking())
    return sorted(path for path in found if path.is_file())


def python_files() -> list[Path]:
    """Return the project's Python modules, tests included."""
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in SOURCES
    ]


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and content of each project file that is text."""
    for path in project_files():
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue

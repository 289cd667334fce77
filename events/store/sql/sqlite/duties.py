"""Duties by locked files beside the database; the system unlocks them when a process ends."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class FileDuties:
    """Keeps `Duties`' promises for the processes of one host that share a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def try_hold(self, name: str) -> FileHolding | None:
        path = self._directory / f"{name}.duty"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return FileHolding(path, descriptor)


class FileHolding:
    """A duty held by an open, locked file."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    def still_held(self) -> bool:
        if self._descriptor is None:
            return False
        try:  # somebody may have removed the file: the next one would lock another
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

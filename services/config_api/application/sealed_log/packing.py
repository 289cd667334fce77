"""A bundle on its way: into a folder, or as one tar archive that is sent while it is made."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from services.config_api.application.sealed_log.bundle import File

_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(2 * _BLOCK)
FOLDER: Final = "relaybook-log"


def write_files(files: Iterator[File], folder: Path) -> None:
    """Write a bundle's files into a folder that is new or empty.

    Raises FileExistsError for another one, OSError, and what making the files raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    for name, data in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def tar_pieces(files: Iterator[File], at: datetime) -> Iterator[bytes]:
    """Yield a bundle as a tar archive (POSIX.1-1988), file by file; `at` is their time."""
    for name, data in files:
        info = tarfile.TarInfo(f"{FOLDER}/{name}")
        info.size = len(data)
        info.mtime = int(at.timestamp())
        yield info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % _BLOCK)
    yield _END

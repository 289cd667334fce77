"""A file system of a few megabytes that a test fills and frees again."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECES: Final = (1 << 20, 4096)


@dataclass(frozen=True)
class SmallDisk:
    """A tmpfs at `folder`."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Take all room that is left."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for piece in _PIECES:
                with suppress(OSError):
                    while ballast.write(bytes(piece)) == piece:
                        pass

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@contextmanager
def a_small_disk(*, mebibytes: int) -> Iterator[SmallDisk]:
    """Mount one that any user may enter until the block ends; skips where that is not allowed."""
    folder = Path(mkdtemp(prefix="disk-"))
    size = f"size={mebibytes}m,mode=755"
    mount = ("mount", "-t", "tmpfs", "-o", size, "relaybook-test", str(folder))
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        folder.rmdir()
        missing(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()

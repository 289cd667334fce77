"""The file of master keys: made once, written anew as a whole, never half."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from events.failpoints import reach
from services.config_api.vault.master_key import MasterKey

_ONLY_THE_OWNER: Final = 0o600


def make(path: Path) -> MasterKey:
    """Make a new key in a new file of mode 0600; raises FileExistsError.

    The file appears whole or not at all.
    """
    key = MasterKey.new()
    with _draft(path, [key]) as draft:
        os.link(draft, path)  # unlike a rename, this never replaces a key
    return key


def replace(path: Path, keys: Sequence[MasterKey]) -> None:
    """Put these keys in the place of those in a file, the one that wraps first; mode 0600.

    The file keeps its owner where this process may give it away. Raises OSError.
    """
    target = path.resolve(strict=True)  # a link stays one
    with _draft(target, keys) as draft:
        there = target.stat()
        with suppress(PermissionError):
            os.chown(draft, there.st_uid, there.st_gid)
        draft.replace(target)


@contextmanager
def _draft(path: Path, keys: Sequence[MasterKey]) -> Iterator[Path]:
    """Give a file beside `path` that holds the keys, and keep what was done with it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_THE_OWNER)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(key.reveal() + "\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        reach("key-file.drafted")
        yield draft
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""One `relaybook up` a data directory."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from services.config_api.cli.failures import Refused
from services.config_api.cli.language import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK: Final = "up.lock"


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold a data directory, made where it lacks; raises Refused where another `up` holds it.

    The lock is the kernel's and ends with the process, however it ends.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+", encoding="ascii") as file:  # noqa: PTH123 -- a descriptor, for its mode
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                tr("Process {pid} runs on {path} already.", pid=file.read().strip() or "?",
                   path=data_dir),
                advice=tr("Stop it, or give another directory with --data-dir."),
            ) from None  # fmt: skip
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield

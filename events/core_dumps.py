"""Keeps the memory of a process that holds secrets from being written to a disk."""

from __future__ import annotations

import resource
from typing import Final

#: Less than the smallest dump, so that no file is written; and the one limit at which Linux starts
#: no handler that a pipe feeds, which takes no heed of other limits, zero included (core(5)).
_MOST_BYTES: Final = 1


def switch_off() -> None:
    """Let neither this process nor the children that it starts from now on leave a core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (_MOST_BYTES, _MOST_BYTES))

"""What memory a process takes, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path


def child_of(pid: int) -> int:
    """Return the only child of a process: the server's worker."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def forget_peak(pid: int) -> None:
    """Let the peak begin again at what is taken now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def taken_mib(pid: int) -> float:
    """Return what a process holds in memory now, in MiB."""
    return _status(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """Return the most that a process held since `forget_peak`, in MiB."""
    return _status(pid, "VmHWM")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process took so far, in user space and in the kernel."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)

"""A wall clock that a test puts back while the processes run (libfaketime)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.services import missing

_LIBRARY: Final = "libfaketime.so.1"


@dataclass(frozen=True)
class FalseClock:
    """What processes must be started with, and the file that says how far the clock is off."""

    file: Path
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables; the monotonic clock stays what it is, as when a clock is set."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        """Put the clock so far off; processes see it within a second."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.replace(self.file)


def a_false_clock(folder: Path) -> FalseClock:
    """Return a clock that is right."""
    found = sorted(Path("/usr/lib").glob(f"*/faketime/{_LIBRARY}"))
    if not found:
        missing("libfaketime is not installed (package faketime)")
    clock = FalseClock(folder / "clock", found[0])
    clock.set("+0")
    return clock

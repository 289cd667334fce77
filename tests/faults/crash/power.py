"""Power cuts: one recorded run of an operation, cut at each of its changes of a file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.faults.crash.disk import CALLS, STRACE, Disk, recorded
from tests.faults.crash.dying import ChildFailed, traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Recording:
    """The changes of the data dir and of the client's notes while an operation ran undisturbed."""

    def __init__(self, act: Callable[[Callable[[], None]], None], data: Path, notes: Path) -> None:
        self._data, self._notes = data, notes
        self._folder = Path(tempfile.mkdtemp(prefix="relaybook-power-"))
        self._before = self._folder / "before"

        def from_here(may_be_killed: Callable[[], None]) -> Callable[[], None]:
            def begin() -> None:
                shutil.copytree(data, self._before)
                may_be_killed()

            return begin

        logs = self._folder / "call"
        options = ["-ff", "-o", str(logs), *STRACE, "-e", f"trace={CALLS}"]
        if traced(lambda ready: act(from_here(ready)), options) != "ended":
            raise ChildFailed("the recording was cut short")
        self.changes = recorded(self._folder.glob("call.*"))

    def cuts(self) -> list[int]:
        """Return the numbers of the changes after which the power may fail."""
        inside = str(self._data)
        return [
            number + 1
            for number, change in enumerate(self.changes)
            if change.path.startswith(inside) and not change.path.endswith("-shm")
        ]

    def cut(self, after: int, seed: int | None) -> None:
        """Put what a cut leaves in the place of the data dir and of the notes.

        `seed` chooses which half of what was not synchronised is there; None loses all of it.
        """
        disk, told = Disk(self._before, self._data), b""
        for change in self.changes[:after]:
            disk.take(change)
            if change.path == str(self._notes) and change.call == "writev":
                told += change.content
        shutil.rmtree(self._data)
        for path, content in disk.after_cut(None if seed is None else Random(seed)).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
        self._notes.write_bytes(told)

    def close(self) -> None:
        """Forget the recording."""
        shutil.rmtree(self._folder, ignore_errors=True)


def chosen_cuts(recording: Recording, most: int) -> Iterator[tuple[int, int | None]]:
    """Yield cuts spread evenly, every other one with a half of the rest."""
    cuts = recording.cuts()
    for number in range(min(most, len(cuts))):
        after = cuts[number * len(cuts) // min(most, len(cuts))]
        yield after, (after if number % 2 else None)

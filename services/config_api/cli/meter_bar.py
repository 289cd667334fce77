"""The bar of a transfer, drawn by rich on stderr; it obeys NO_COLOR."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from services.config_api.cli.output import plain

_ONLY: Final = TaskID(0)  # the first and only task of a progress


class Bar:
    """Shows bytes, speed and time while they move, then what is waited for; goes at the end."""

    def __init__(self, words: str) -> None:
        self._progress = _drawn(
            words, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn()
        )

    def total(self, size: int | None) -> None:
        """Turn the moving bar into one that fills."""
        self._progress.update(_ONLY, total=size)

    def moved(self, size: int) -> None:
        """Count bytes."""
        self._progress.advance(_ONLY, size)

    def waiting(self, words: str) -> None:
        """Show what is waited for, and how long."""
        self._progress.stop()
        self._progress = _drawn(words, TimeElapsedColumn())

    def end(self) -> None:
        """Take the bar away; once is enough, twice does no harm."""
        self._progress.stop()


def _drawn(words: str, *columns: ProgressColumn) -> Progress:
    """Return a progress with one task, already on the screen."""
    named = TextColumn("{task.description}", markup=False)
    console = Console(stderr=True)
    progress = Progress(SpinnerColumn(), named, *columns, console=console, transient=True)
    progress.add_task(plain(words), total=None)
    progress.start()
    return progress

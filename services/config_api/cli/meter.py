"""How far a transfer is: a bar on stderr where a person watches, nothing elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Meter(Protocol):
    """Is told how a transfer goes."""

    def total(self, size: int | None) -> None:
        """Say how many bytes there are in all, None where nobody knows."""

    def moved(self, size: int) -> None:
        """Say that so many more bytes have gone."""

    def waiting(self, words: str) -> None:
        """Say that all bytes have gone, and what is waited for."""

    def end(self) -> None:
        """Take the bar away, so that something else can be printed."""


class NoMeter:
    """Shows nothing."""

    def total(self, size: int | None) -> None:
        """Take no notice."""

    def moved(self, size: int) -> None:
        """Take no notice."""

    def waiting(self, words: str) -> None:
        """Take no notice."""

    def end(self) -> None:
        """Take no notice."""


@contextmanager
def metered(words: str) -> Iterator[Meter]:
    """Show a transfer while it lasts."""
    if not sys.stderr.isatty():
        yield NoMeter()
        return
    from services.config_api.cli.meter_bar import Bar  # noqa: PLC0415 -- rich loads slowly

    bar = Bar(words)
    try:
        yield bar
    finally:
        bar.end()

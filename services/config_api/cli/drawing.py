"""What a terminal shows beyond plain lines, drawn by rich; it obeys NO_COLOR."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.config_api.cli.language import tr
from services.config_api.cli.output import plain
from services.config_api.cli.steps import found, took

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MARKS: Final = {
    "passed": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "warned": ("!", "yellow"),
    "skipped": ("·", "dim"),
}


@contextmanager
def live_steps() -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """Draw the steps of a running test; the function given takes all steps so far."""
    begun = Text(tr("Waiting for a tester … Ctrl-C stops the test."), style="dim")
    with Live(begun, console=Console()) as live:
        yield lambda steps: live.update(_steps_table(steps))


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Show that something is being waited for."""
    with Console().status(words):
        yield


def _steps_table(steps: Sequence[Mapping[str, Any]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for step in steps:
        mark, style = MARKS[step["state"]]
        words = Text(plain(found(step)), "dim")
        table.add_row(Text(mark, style), Text(step["name"], style), Text(took(step)), words)
    return table

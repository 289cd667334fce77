"""A framed table for a terminal, drawn by rich; it obeys NO_COLOR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


def framed(head: Sequence[str], rows: Sequence[Sequence[str]], *, headers: bool) -> None:
    """Print a table to stdout; its cells are plain text."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=headers)
    for number, name in enumerate(head):
        table.add_column(name, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)

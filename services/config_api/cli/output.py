"""Data goes to stdout, notes to stderr; colour and frames only on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import click

Row = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Output:
    """Prints what a command found: as JSON, as a table on a terminal, or as plain lines."""

    as_json: bool
    headers: bool = True

    @property
    def on_terminal(self) -> bool:
        """True where a person watches stdout and did not ask for JSON."""
        return sys.stdout.isatty() and not self.as_json

    @property
    def coloured(self) -> bool:
        """True where stdout shows colours and nobody asked for none (no-color.org)."""
        plain_asked = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return self.on_terminal and not plain_asked

    def document(self, document: object) -> None:
        """Print a document as JSON: indented for people, on one line for programs' pipes."""
        indent = 2 if sys.stdout.isatty() else None
        print(json.dumps(document, ensure_ascii=False, indent=indent))  # noqa: T201 -- stdout is ours

    def line(self, text: str = "") -> None:
        """Print one line of data."""
        print(text, flush=True)  # noqa: T201 -- stdout is ours

    def note(self, text: str) -> None:
        """Print one line for the person who waits."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 -- stderr is for notes

    def items(self, items: Iterable[Any]) -> None:
        """Print a list as one JSON document, item by item: it may be longer than memory."""
        end = "\n" if sys.stdout.isatty() else ""
        before = '{"items": ['
        for item in items:
            sys.stdout.write(f"{before}{end}{json.dumps(item, ensure_ascii=False)}")
            before = ", "
        opening = "" if before == ", " else before
        sys.stdout.write(f'{opening}{end}], "next": null}}\n')

    def coloured_line(self, text: str, colour: str | None) -> None:
        """Print one line of data, in a colour where colours are shown."""
        click.echo(click.style(text, fg=colour) if colour else text, color=self.coloured)

    def table(self, head: Row, rows: Iterable[Row]) -> None:
        """Print rows under a head: framed on a terminal, parted by tabs elsewhere."""
        if self.on_terminal:
            self._framed(head, rows)
            return
        left = iter(rows)
        first = next(left, None)  # what is refused is refused before the head is printed
        self.head(head)
        for row in left if first is None else chain([first], left):
            sys.stdout.write(_tabbed(row) + "\n")

    def head(self, head: Row) -> None:
        """Print the head of rows that follow one by one, if heads are wanted."""
        if self.headers:
            self.row([name.upper() for name in head])

    def row(self, row: Row) -> None:
        """Print one row at once, its cells parted by tabs."""
        self.line(_tabbed(row))

    def pairs(self, values: Mapping[str, str]) -> None:
        """Print names and values, one a line."""
        width = max(map(len, values), default=0) if self.on_terminal else 0
        for name, value in values.items():
            self.line(f"{name + ':':<{width + 1}} {plain(value)}")

    def _framed(self, head: Row, rows: Iterable[Row]) -> None:
        from services.config_api.cli.framing import framed  # noqa: PLC0415 -- rich loads slowly

        framed(head, [[plain(cell) for cell in row] for row in rows], headers=self.headers)


def _tabbed(row: Row) -> str:
    return "\t".join(plain(cell) for cell in row)


def plain(text: str) -> str:
    """Return text without characters that would move a terminal's cursor or start a command."""
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def shown(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """Return a JSON value as people read it: text bare, nothing as `-`, the rest as JSON."""
    if value is None or value == "":
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

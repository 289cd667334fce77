"""Reads variables one by one and gathers everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")

FILE_SUFFIX = "_FILE"
UNSET = "–"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongValue:
    """One variable that cannot be used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """One variable as `relaybook config` shows it: value with secrets masked, and its source."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable's text and where it came from; an empty one counts as not set."""

    text: str | None
    source: str


class Environment:
    """Parses variables; `wrong` and `origins` fill while it is read."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.wrong: list[WrongValue] = []
        self.origins: list[Origin] = []

    def optional(
        self,
        name: str,
        parse: Callable[[str], T],
        *,
        show: Callable[[str], str] = str,
        file: bool = False,
        default: str = UNSET,
    ) -> T | None:
        """Return the parsed value; None if it is not set or wrong.

        `file` lets NAME_FILE name a file that holds the value. `show` masks it. `default` is what
        the list of origins says where it is not set.
        """
        variable = self._find(name, file=file)
        if variable.text is None:
            self.origins.append(Origin(name=name, value=default, source=variable.source))
            return None
        try:
            value = parse(variable.text)
        except ValueError as error:
            self.refuse(name, str(error))
            return None
        self.origins.append(Origin(name=name, value=show(variable.text), source=variable.source))
        return value

    def value(self, name: str, parse: Callable[[str], T], default: str) -> T:
        """Return the parsed value, that of `default` if it is not set or wrong."""
        found = self.optional(name, parse, default=default)
        return parse(default) if found is None else found

    def refuse(self, name: str, reason: str) -> None:
        """Note a wrong variable."""
        self.wrong.append(WrongValue(name=name, reason=reason))

    def _find(self, name: str, *, file: bool) -> Variable:
        text = self._environ.get(name) or None
        path = (self._environ.get(name + FILE_SUFFIX) or None) if file else None
        if path is None:
            return Variable(text, "default" if text is None else "environment")
        if text is not None:
            self.refuse(name, f"is set, and {name}{FILE_SUFFIX} as well")
            return Variable(None, "default")
        try:
            return Variable(Path(path).read_text(encoding="utf-8").strip() or None, f"file {path}")
        except (OSError, UnicodeDecodeError) as error:
            self.refuse(name + FILE_SUFFIX, f"cannot be read: {error}")
            return Variable(None, f"file {path}")


def show_masked(_text: str) -> str:
    """Return what a secret is shown as."""
    return "***"


def show_url(text: str) -> str:
    """Return a URL with its password masked."""
    try:
        return make_url(text).render_as_string(hide_password=True)
    except ArgumentError:
        return "***"

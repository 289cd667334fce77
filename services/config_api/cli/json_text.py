"""Reads a JSON document of any size piece by piece, as it comes in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPACE: Final = " \t\r\n"
_ENDS: Final = frozenset({*_SPACE, ",", ":", "]", "}"})


class BrokenOff(ValueError):
    """The document ended too early, or is none."""


class JsonText:
    """A JSON text whose values are taken one after another.

    Memory holds one chunk and the value that is being taken. Whoever is given a member's name or
    an element must take its value before asking for the next. Raises BrokenOff.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def value(self) -> Any:  # noqa: ANN401 -- any JSON value
        """Take a whole value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    raise BrokenOff(str(error)) from error
                continue
            if self._text[end : end + 1] not in _ENDS and self._more():
                continue  # a number may go on in the next chunk
            self._at = end
            return value

    def members(self) -> Iterator[str]:
        """Yield the names of an object's members."""
        for _ in self._separated("{", "}"):
            name = self.value()
            self._take(":")
            yield name

    def elements(self) -> Iterator[None]:
        """Yield once for each element of an array."""
        yield from self._separated("[", "]")

    def peek(self) -> str:
        """Return the next character that is no space."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _SPACE:
                    return character
                self._at += 1
            if not self._more():
                raise BrokenOff("the text ended too early")

    def _separated(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self.peek() == closing:
            self._take(closing)
            return
        mark = ","
        while mark == ",":
            yield
            mark = self._take("," + closing)

    def _take(self, expected: str) -> str:
        found = self.peek()
        if found not in expected:
            raise BrokenOff(f"one of {expected} is missing")
        self._at += 1
        return found

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return True

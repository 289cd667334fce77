"""JSON read value by value from a stream, in bounded memory and linear time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from services.config_api.formats.malformed import MalformedDocument, MalformedFile
from services.config_api.formats.strict_json import check_levels, decode_at, is_shallow

#: The most characters of one setting in a file; the rules of contract §3 allow less.
MAX_SETTING: Final = 2_097_152
_BLANKS: Final = re.compile("[ \t\n\r]*")
#: The most characters by which a mistake may lie before the end of what was read, if that is why.
_CUT: Final = 32


class JsonReader:
    """Walks through a JSON text of any length; every method raises MalformedFile."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._text = ""
        self._at = 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is not blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._pass(blanks.end() if blanks else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def skip(self, character: str) -> bool:
        """Go past the next character if it is this one."""
        if self.peek() != character:
            return False
        self._pass(self._at + 1)
        return True

    def expect(self, character: str, reason: str) -> None:
        """Go past the next character; `reason` tells what is wrong where it is another."""
        if not self.skip(character):
            raise MalformedFile("not_json", self.line, reason=reason)

    def value(self, *, above: int) -> Any:  # noqa: ANN401 -- any JSON value
        """Return the next value, which has `above` levels around it."""
        self.peek()
        try:
            value, end = self._decoded()
            if not is_shallow(self._text, self._at, end, above=above):
                check_levels(value, above=above)
        except MalformedDocument as error:
            raise MalformedFile(error.code, self.line, **error.facts) from None
        self._pass(end)
        return value

    def _decoded(self) -> tuple[Any, int]:
        while True:
            try:
                value, end = decode_at(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_be_cut(error) and self._grow():
                    continue
                line = self.line + self._text.count("\n", self._at, error.pos)
                raise MalformedFile("not_json", line, reason=error.msg) from None
            ends_itself = isinstance(value, dict | list | str)
            if ends_itself or end < len(self._text) - _CUT or not self._grow():
                return value, end

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        unterminated = error.msg.startswith("Unterminated string")
        return unterminated or error.pos >= len(self._text) - _CUT

    def _grow(self) -> bool:
        """Read as much again as is waiting, so that retries cost linear time."""
        waiting = len(self._text) - self._at
        if waiting > MAX_SETTING:
            raise MalformedFile("setting_too_large", self.line, limit=MAX_SETTING)
        grown = False
        while len(self._text) - self._at <= 2 * waiting and self._read_more():
            grown = True
        return grown

    def _read_more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return True

    def _pass(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

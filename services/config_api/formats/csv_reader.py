"""CSV (RFC 4180) read row by row from a stream, in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from services.config_api.formats.json_reader import MAX_SETTING
from services.config_api.formats.malformed import MalformedFile


class CsvReader:
    """The rows of a file without the empty ones; `line` is where the last one began."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._row_size = 0
        self._begin = 1
        self.line = 1

    def __iter__(self) -> Iterator[list[str]]:
        # The limit is one of the whole process; the size of a row is what bounds a cell here.
        csv.field_size_limit(2 * MAX_SETTING)
        rows = csv.reader(self._lines(), strict=True)
        try:
            for row in rows:
                self.line, self._begin = self._begin, rows.line_num + 1
                self._row_size = 0
                if any(row):
                    yield row
        except csv.Error:
            raise MalformedFile("not_csv", self._begin) from None

    def _lines(self) -> Iterator[str]:
        """Return the lines with their ends, which may stand inside quoted cells too."""
        waiting = ""
        for chunk in self._chunks:
            *whole, rest = chunk.split("\n")
            for end in whole:
                yield self._counted(f"{waiting}{end}\n")
                waiting = ""
            waiting += rest
            self._check(len(waiting))
        if waiting:
            yield self._counted(waiting)

    def _counted(self, line: str) -> str:
        self._row_size += len(line)
        self._check(0)
        return line

    def _check(self, waiting: int) -> None:
        if self._row_size + waiting > MAX_SETTING:
            raise MalformedFile("setting_too_large", self._begin, limit=MAX_SETTING)

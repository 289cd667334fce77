"""The format `csv`: a header, and a row a setting (contract §8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Final

from events.smtp_setting import SettingValues
from services.config_api.domain.field_errors import FieldError, pointer_to
from services.config_api.formats.csv_cells import COLUMNS, read_cell, written_cell
from services.config_api.formats.csv_reader import CsvReader
from services.config_api.formats.items import read_item
from services.config_api.formats.malformed import MalformedDocument, MalformedFile
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.schema_setting import READ_ONLY
from services.config_api.formats.strict_json import shown_key
from services.config_api.formats.utf8_text import text_chunks
from services.config_api.formats.written import encoded_chunks, written_document

_NEEDED: Final = ("id", "host")
_KNOWN: Final = frozenset(COLUMNS) | READ_ONLY


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Reads and writes settings as CSV; columns may come in any order, most may be missing."""

    name: str = "csv"
    content_type: str = "text/csv"

    def read(self, stream: BinaryIO) -> Iterator[ReadItem]:
        """Return the settings one by one; empty rows are passed over."""
        reader = CsvReader(text_chunks(stream, refusal="csv_not_utf8"))
        rows = iter(reader)
        header = next(rows, None)
        if header is None:
            raise MalformedFile("empty")
        columns = _columns(header, reader.line)
        for row in rows:
            if len(row) != len(columns):
                facts = {"found": len(row), "expected": len(columns)}
                raise MalformedFile("cell_count", reader.line, **facts)
            yield _item(columns, row, reader.line)

    def write(self, settings: Iterable[WrittenSetting]) -> Iterator[bytes]:
        """Return the file in chunks."""
        rows = map(_row, settings)
        return encoded_chunks(map(_text, chain([COLUMNS], rows)))

    def loses(self, values: SettingValues) -> tuple[str, ...]:
        """Return nothing: every field has its place."""
        del values
        return ()


def _columns(header: Sequence[str], line: int) -> list[str]:
    columns = [cell.strip() for cell in header]
    if _KNOWN.isdisjoint(columns):
        raise MalformedFile("csv_separator", line)
    for place, column in enumerate(columns):
        if column not in _KNOWN:
            raise MalformedFile("column_unknown", line, column=shown_key(column))
        if column in columns[:place]:
            raise MalformedFile("column_repeated", line, column=shown_key(column))
    for column in _NEEDED:
        if column not in columns:
            raise MalformedFile("column_missing", line, column=shown_key(column))
    return columns


def _item(columns: Sequence[str], row: Sequence[str], line: int) -> ReadItem:
    document: dict[str, Any] = {}
    errors = []
    for column, cell in zip(columns, row, strict=True):
        if not cell:
            continue
        field, _, inner = column.partition(".")
        try:
            value = read_cell(column, cell)
        except MalformedDocument as error:
            facts = {"reason": error.detail}
            errors.append(FieldError(pointer=pointer_to(field), code="not_json", facts=facts))
            continue
        if inner:
            document.setdefault(field, {})[inner] = value
        else:
            document[field] = value
    return read_item(document, line, errors=tuple(errors))


def _row(setting: WrittenSetting) -> list[str]:
    document = written_document(setting)
    return [written_cell(column, _field(document, column)) for column in COLUMNS]


def _field(document: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 -- any JSON value
    field, _, inner = column.partition(".")
    return document[field].get(inner) if inner else document.get(field)


def _text(row: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(row)
    return line.getvalue()

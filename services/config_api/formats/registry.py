"""The file formats by name and by the end of a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from services.config_api.formats.csv_file import CsvFormat
from services.config_api.formats.javamail import JavamailFormat
from services.config_api.formats.json_file import JsonFormat
from services.config_api.formats.names import SUFFIXES
from services.config_api.formats.port import Format
from services.config_api.formats.yaml_file import YamlFormat

FORMATS: Final[Mapping[str, Format]] = {
    file_format.name: file_format
    for file_format in (CsvFormat(), JavamailFormat(), JsonFormat(), YamlFormat())
}


def format_of_suffix(name: str | PurePath) -> Format | None:
    """Return the format that a file's name (`settings.json`) tells; None where it tells none."""
    known = SUFFIXES.get(PurePath(name).suffix.lower())
    return FORMATS[known] if known else None

"""The format `json`: `{"relaybook": 1, "settings": [...]}` (contract §8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final

from events.smtp_setting import SettingValues
from services.config_api.formats.heading import SETTINGS_KEY, VERSION, VERSION_KEY, Heading
from services.config_api.formats.items import read_item
from services.config_api.formats.json_reader import JsonReader
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.utf8_text import text_chunks
from services.config_api.formats.written import encoded_chunks, written_json

_NO_COMMA: Final = "Expecting ',' delimiter"
_NO_COLON: Final = "Expecting ':' delimiter"
_NO_KEY: Final = "Expecting property name enclosed in double quotes"
_LEVELS_OF_FILE: Final = 1
_LEVELS_OF_SETTINGS: Final = 2


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """Reads and writes settings as JSON; a line a setting where it is written."""

    name: str = "json"
    content_type: str = "application/json"

    def read(self, stream: BinaryIO) -> Iterator[ReadItem]:
        """Return the settings one by one; the keys around them may come in any order."""
        reader = JsonReader(text_chunks(stream))
        if not reader.peek():
            raise MalformedFile("empty")
        if not reader.skip("{"):
            raise MalformedFile("not_a_document", reader.line)
        heading = Heading()
        more = not reader.skip("}")
        while more:
            yield from _member(reader, heading)
            more = reader.skip(",")
            if not more:
                reader.expect("}", _NO_COMMA)
        heading.end(reader.line)
        if reader.peek():
            raise MalformedFile("not_json", reader.line, reason="Extra data")

    def write(self, settings: Iterable[WrittenSetting]) -> Iterator[bytes]:
        """Return the file in chunks."""
        return encoded_chunks(_texts(settings))

    def loses(self, values: SettingValues) -> tuple[str, ...]:
        """Return nothing: every field has its place."""
        del values
        return ()


def _member(reader: JsonReader, heading: Heading) -> Iterator[ReadItem]:
    if reader.peek() != '"':
        raise MalformedFile("not_json", reader.line, reason=_NO_KEY)
    line = reader.line
    key = reader.value(above=_LEVELS_OF_FILE)
    heading.key(key, line)
    reader.expect(":", _NO_COLON)
    if key == SETTINGS_KEY:
        yield from _settings(reader)
    else:
        heading.version(reader.value(above=_LEVELS_OF_FILE), line)


def _settings(reader: JsonReader) -> Iterator[ReadItem]:
    if not reader.skip("["):
        raise MalformedFile("settings_no_list", reader.line)
    more = not reader.skip("]")
    while more:
        reader.peek()
        line = reader.line
        yield read_item(reader.value(above=_LEVELS_OF_SETTINGS), line)
        more = reader.skip(",")
        if not more:
            reader.expect("]", _NO_COMMA)


def _texts(settings: Iterable[WrittenSetting]) -> Iterator[str]:
    begin = f'{{"{VERSION_KEY}": {VERSION}, "{SETTINGS_KEY}": ['
    between = chain(["\n"], iter(lambda: ",\n", None))
    yield begin
    for setting, before in zip(settings, between, strict=False):
        yield before + written_json(setting)
    yield "\n]}\n"

"""The format `yaml`: the document of the format `json` in YAML (contract §8)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Final

from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from events.smtp_setting import SettingValues
from services.config_api.formats.heading import SETTINGS_KEY, VERSION, VERSION_KEY, Heading
from services.config_api.formats.items import read_item
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.schema import Flag, Integer
from services.config_api.formats.schema_setting import SettingSchema
from services.config_api.formats.utf8_text import text_chunks
from services.config_api.formats.written import encoded_chunks, written_document
from services.config_api.formats.yaml_reader import Resolve, YamlReader
from services.config_api.formats.yaml_scalars import plain_text, plain_value

_LEVELS_OF_FILE: Final = 1
_LEVELS_OF_SETTINGS: Final = 2
#: Fields where a plain scalar may be a number or a flag; elsewhere it is a text as it stands.
_NOT_TEXT: Final = frozenset(
    name for name, field in SettingSchema().fields.items() if isinstance(field, Integer | Flag)
)
#: What libyaml takes for line breaks, marks or no characters.
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BLOCK: Final = re.compile(r"(?:[!-~][ -~]*\n)+")


@dataclass(frozen=True, slots=True)
class YamlFormat:
    """Reads and writes settings as YAML; texts are quoted where it is written."""

    name: str = "yaml"
    content_type: str = "application/yaml"

    def read(self, stream: BinaryIO) -> Iterator[ReadItem]:
        """Return the settings one by one; the keys around them may come in any order."""
        reader = YamlReader(text_chunks(stream))
        reader.skip(StreamStartEvent)
        if not reader.skip(DocumentStartEvent):
            raise MalformedFile("empty")
        if not reader.skip(MappingStartEvent):
            reader.peek()
            raise MalformedFile("not_a_document", reader.line)
        heading = Heading()
        while not reader.skip(MappingEndEvent):
            yield from _member(reader, heading)
        heading.end(reader.line)
        reader.skip(DocumentEndEvent)
        if not reader.skip(StreamEndEvent):
            raise MalformedFile("yaml_documents", reader.line)

    def write(self, settings: Iterable[WrittenSetting]) -> Iterator[bytes]:
        """Return the file in chunks."""
        return encoded_chunks(_texts(settings))

    def loses(self, values: SettingValues) -> tuple[str, ...]:
        """Return nothing: every field has its place."""
        del values
        return ()


def _member(reader: YamlReader, heading: Heading) -> Iterator[ReadItem]:
    key = reader.key()
    line = reader.line
    heading.key(key, line)
    if key == SETTINGS_KEY:
        yield from _settings(reader)
    else:
        heading.version(reader.value(plain_value, above=_LEVELS_OF_FILE), line)


def _settings(reader: YamlReader) -> Iterator[ReadItem]:
    if not reader.skip(SequenceStartEvent):
        reader.peek()
        raise MalformedFile("settings_no_list", reader.line)
    while not reader.skip(SequenceEndEvent):
        reader.begin_setting()
        line = reader.line
        if reader.skip(MappingStartEvent):
            document = reader.mapping(_resolve, above=_LEVELS_OF_SETTINGS)
        else:
            document = reader.value(plain_value, above=_LEVELS_OF_SETTINGS)
        yield read_item(document, line)


def _resolve(key: str) -> Resolve:
    return plain_value if key in _NOT_TEXT else plain_text


def _texts(settings: Iterable[WrittenSetting]) -> Iterator[str]:
    yield f"{VERSION_KEY}: {VERSION}\n"
    left = iter(settings)
    first = next(left, None)
    if first is None:
        yield f"{SETTINGS_KEY}: []\n"
        return
    yield f"{SETTINGS_KEY}:\n"
    for setting in chain([first], left):
        lines = _lines(written_document(setting), "  ")
        yield "- " + "".join(lines)[2:]


def _lines(mapping: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{key}:\n"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, str) and _BLOCK.fullmatch(value):
            inside = "".join(f"{indent}  {line}\n" for line in value.splitlines())
            yield f"{indent}{key}: |\n{inside}"
        else:
            yield f"{indent}{key}: {_flow(value)}\n"


def _flow(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """Return a value as JSON, which YAML 1.2 reads too."""
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

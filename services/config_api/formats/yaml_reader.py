"""YAML read value by value from a stream: what JSON can say, and nothing more.

libyaml tells events; nothing is ever constructed by tags, and an alias cannot multiply anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from services.config_api.formats.json_reader import MAX_SETTING
from services.config_api.formats.malformed import MalformedDocument, MalformedFile
from services.config_api.formats.strict_json import MAX_DEPTH, shown_key

Resolve = Callable[[str], Any]
_MERGE: Final = "<<"
#: What YAML 1.2.2 (section 5.1) takes, without the separators that libyaml reads as line breaks.
_NOT_PRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_MANY_CHUNKS: Final = 262_144


class _Source:
    """The text for libyaml, which asks for more while it waits for the end of a token."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._line = 1
        self._given = 0
        self.told = 0

    def read(self, _size: int = -1, /) -> str:
        if self._given - self.told > MAX_SETTING + _MANY_CHUNKS:
            raise MalformedFile("setting_too_large", None, limit=MAX_SETTING)
        chunk = next(self._chunks, "")
        odd = _NOT_PRINTABLE.search(chunk)
        if odd:
            line = self._line + chunk.count("\n", 0, odd.start())
            raise MalformedFile("yaml_character", line, character=f"U+{ord(odd[0]):04X}")
        self._line += chunk.count("\n")
        self._given += len(chunk)
        return chunk


class YamlReader:
    """Walks through the one document of a file; every method raises MalformedFile."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._source = _Source(chunks)
        self._events = yaml.parse(self._source, Loader=yaml.CSafeLoader)
        self._next: Event | None = None
        self._begin = 0
        self.line = 1

    def begin_setting(self) -> None:
        """Count the size of a setting from the next event on."""
        self.peek()
        self._begin = self._source.told

    def peek(self) -> Event | None:
        """Return the next event, None at the end of the file."""
        if self._next is None:
            self._next = self._parsed()
        return self._next

    def take(self) -> Event:
        """Return the next event and go past it."""
        event = self.peek()
        if event is None:
            raise AssertionError("libyaml tells the end of the file")
        self._next = None
        return event

    def skip(self, kind: type[Event]) -> bool:
        """Go past the next event if it is of this kind."""
        if not isinstance(self.peek(), kind):
            return False
        self._next = None
        return True

    def key(self) -> str:
        """Return the next key of a mapping."""
        event = self.take()
        if not isinstance(event, ScalarEvent):
            raise MalformedFile("yaml_key", self.line)
        if event.value == _MERGE and event.implicit[0]:
            raise MalformedFile("yaml_merge", self.line)
        return str(event.value)

    def value(self, resolve: Resolve, *, above: int) -> Any:  # noqa: ANN401 -- any JSON value
        """Return the next value, which has `above` levels around it; plain scalars by `resolve`."""
        event = self.take()
        if isinstance(event, ScalarEvent):
            return self._scalar(event, resolve)
        if above == MAX_DEPTH:
            raise MalformedFile("too_deep", self.line, limit=MAX_DEPTH)
        if isinstance(event, MappingStartEvent):
            return self.mapping(lambda _key: resolve, above=above)
        items: list[Any] = []
        while not self.skip(SequenceEndEvent):
            items.append(self.value(resolve, above=above + 1))
        return items

    def mapping(self, resolve_by_key: Callable[[str], Resolve], *, above: int) -> dict[str, Any]:
        """Return the rest of a mapping that has begun."""
        members: dict[str, Any] = {}
        while not self.skip(MappingEndEvent):
            key = self.key()
            if key in members:
                raise MalformedFile("key_repeated", self.line, key=shown_key(key))
            members[key] = self.value(resolve_by_key(key), above=above + 1)
        return members

    def _scalar(self, event: ScalarEvent, resolve: Resolve) -> Any:  # noqa: ANN401 -- any scalar
        if not event.implicit[0]:
            return event.value
        try:
            return resolve(event.value)
        except MalformedDocument as error:
            raise MalformedFile(error.code, self.line, **error.facts) from None

    def _parsed(self) -> Event | None:
        try:
            event: Event | None = next(self._events, None)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else self.line
            raise MalformedFile("not_yaml", line, reason=error.problem) from None
        except MalformedFile as refused:
            refused.line = refused.line or self.line
            raise
        if event is not None:
            self._check(event)
        return event

    def _check(self, event: Event) -> None:
        if event.start_mark is None or event.end_mark is None:
            raise AssertionError("libyaml marks every event")
        self.line = event.start_mark.line + 1
        self._source.told = event.end_mark.index
        if self._source.told - self._begin > MAX_SETTING:
            raise MalformedFile("setting_too_large", self.line, limit=MAX_SETTING)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise MalformedFile("yaml_alias", self.line)
        if getattr(event, "tag", None) is not None:
            raise MalformedFile("yaml_tag", self.line)

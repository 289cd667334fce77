"""The platform's own file, `javamail-config.xml` (contract §8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO, Final

from events.smtp_setting import SettingValues
from services.config_api.formats.javamail_fields import read_server
from services.config_api.formats.javamail_write import HEAD, TAIL, lost_fields, server_element
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem, WrittenSetting
from services.config_api.formats.written import encoded_chunks
from services.config_api.formats.xml_elements import Element, elements

_SERVER: Final = ("javamail-config", "smtp", "smtp-server")
_ON_THE_WAY: Final = (_SERVER[:1], _SERVER[:2])
_MAX_IGNORED: Final = 1_000
_MAX_FOUND: Final = 5
#: Name of an element under `smtp-server` (empty: itself) → attributes and children that are read.
_KNOWN: Final[dict[str, frozenset[str]]] = {
    "smtp-server": frozenset(
        {"@id", "@host", "@port", "smtps", "auth", "x-mailer", "debug", "connection-timeout"}
        | {"timeout", "session-properties"}
    ),
    "smtps": frozenset({"@enable", "@starttls", "protocols"}),
    "protocols": frozenset({"protocol"}),
    "auth": frozenset({"@enable", "user", "password", "system-oauth-provider-id"}),
    "session-properties": frozenset({"session-property"}),
    "session-property": frozenset({"@name", "@value"}),
}


@dataclass(frozen=True, slots=True)
class JavamailFormat:
    """Reads `javamail-config.xml`, with or without its namespace, and writes it with it."""

    name: str = "javamail"
    content_type: str = "application/xml"

    def read(self, stream: BinaryIO) -> Iterator[ReadItem]:
        """Return the `smtp-server` elements one by one; raises MalformedFile."""
        told: set[str] = set()
        ignored: list[str] = []
        last: ReadItem | None = None
        for element in elements(stream, _SERVER):
            if element.path == _SERVER:
                if last is not None:
                    yield replace(last, ignored=_untold(ignored, told))
                    ignored = []
                last = read_server(element)
                ignored += _ignored(element)
            elif element.path not in _ON_THE_WAY:
                ignored.append("/".join(element.path[1:]))
        if last is not None:
            yield replace(last, ignored=_untold(ignored, told))
        else:
            _refuse_other_elements(ignored)

    def write(self, settings: Iterable[WrittenSetting]) -> Iterator[bytes]:
        """Return the file in chunks, in the platform's own shape."""
        return encoded_chunks(chain([HEAD], map(server_element, settings), [TAIL]))

    def loses(self, values: SettingValues) -> tuple[str, ...]:
        """Return the pointers of what the file has no place for."""
        return lost_fields(values)


def _refuse_other_elements(ignored: Sequence[str]) -> None:
    """Refuse a file that says something where its settings belong, but none of them."""
    found = [place for place in dict.fromkeys(ignored) if place.startswith(f"{_SERVER[1]}/")]
    if found:
        expected = "/".join(_SERVER)
        raise MalformedFile("xml_no_servers", expected=expected, found=found[:_MAX_FOUND])


def _untold(places: Iterable[str], told: set[str]) -> tuple[str, ...]:
    new = [place for place in dict.fromkeys(places) if place not in told]
    new = new[: _MAX_IGNORED - len(told)]
    told.update(new)
    return tuple(new)


def _ignored(element: Element, above: tuple[str, ...] = ("smtp",)) -> Iterator[str]:
    """Return the places inside an element that nothing is read from."""
    path = (*above, element.name)
    known = _KNOWN.get(element.name, frozenset())
    for attribute in element.attributes:
        if f"@{attribute}" not in known:
            yield "/".join((*path, f"@{attribute}"))
    for child in element.children:
        if f"@{child.name}" in known:
            continue  # refused where it is read
        if child.name in known:
            yield from _ignored(child, path)
        else:
            yield "/".join((*path, child.name))

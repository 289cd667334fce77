"""XML read element by element, without DTD and entities, in bounded memory and linear time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from services.config_api.formats.encodings import utf8_chunks
from services.config_api.formats.port import MalformedFile

_MAX_DEPTH: Final = 32
_MAX_TEXT: Final = 2_097_152
_MAX_ELEMENTS: Final = 10_000
_MAX_TOKEN: Final = 1_048_576


@dataclass(slots=True)
class Element:
    """An element without its namespace; `path` are the names from the root down to it.

    `line` is where it begins, from 1. `notes` are the processing instructions in it, by target.
    `is_exact` tells of a CDATA section, so that the blanks around its text were meant.
    """

    path: tuple[str, ...]
    attributes: dict[str, str]
    line: int
    notes: dict[str, str] = field(default_factory=dict)
    is_exact: bool = False
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def text(self) -> str:
        """Its own text, without that of its children."""
        return "".join(self.parts)

    def child(self, name: str) -> Element | None:
        """Return its last child of this name."""
        return next((one for one in reversed(self.children) if one.name == name), None)


def elements(stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[Element]:
    """Return the elements of a file in the order of their ends.

    Those at the path `wanted` come with everything inside; those beside it come empty, and nothing
    inside them. Raises MalformedFile, with the line.
    """
    collector = _Collector(wanted)
    parser = DefusedXMLParser(target=collector, encoding="utf-8", forbid_dtd=True)
    collector.expat = parser.parser
    parser.parser.StartCdataSectionHandler = collector.cdata
    fed = 0
    for chunk in utf8_chunks(stream):
        _feed(parser, chunk)
        fed += len(chunk)
        # Old versions of expat read an unfinished tag again with each chunk (CVE-2023-52425).
        if fed - parser.parser.CurrentByteIndex > _MAX_TOKEN:
            raise MalformedFile("xml_tag_endless", _line(parser))
        yield from collector.take()
    _feed(parser, None)
    yield from collector.take()


class _Collector:
    """Keeps what is inside one wanted element at a time."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self.expat: Any = None
        self._wanted = wanted
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._size = 0
        self._inside = 0

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1].path if self._open else ()
        path = (*parent, tag.rpartition("}")[2])
        if not parent and path[0] != self._wanted[0]:
            raise MalformedFile("xml_root", expected=self._wanted[0])
        own = {name: value for name, value in attributes.items() if not name.startswith("{")}
        self._open.append(Element(path=path, attributes=own, line=self.expat.CurrentLineNumber))
        if len(path) > _MAX_DEPTH:
            raise MalformedFile("too_deep", limit=_MAX_DEPTH)
        if path[-1] == self._wanted[-1] and path != self._wanted:
            raise self._misplaced(path)
        if self._is_inside():
            self._inside += 1
            self._count(sum(map(len, own.values())))

    def data(self, text: str) -> None:
        if self._is_inside():
            self._count(len(text))
            self._open[-1].parts.append(text)

    def cdata(self) -> None:
        """Take the beginning of a CDATA section."""
        if self._is_inside():
            self._open[-1].is_exact = True

    def pi(self, target: str, data: str) -> None:
        """Take a processing instruction."""
        if self._is_inside():
            self._count(len(target) + len(data))
            self._open[-1].notes[target] = data

    def end(self, _tag: str) -> None:
        inside = self._is_inside()
        element = self._open.pop()
        above = element.path[:-1]
        if inside and element.path != self._wanted:
            self._open[-1].children.append(element)
        elif above == self._wanted[: len(above)]:
            self._done.append(element)
            self._inside = self._size = 0

    def close(self) -> None:
        """End of the file."""

    def _misplaced(self, path: tuple[str, ...]) -> MalformedFile:
        found, expected = ("/".join(place[:-1]) for place in (path, self._wanted))
        return MalformedFile("xml_misplaced", name=path[-1], found=found, expected=expected)

    def _is_inside(self) -> bool:
        depth = len(self._wanted)
        return len(self._open) >= depth and self._open[depth - 1].path == self._wanted

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > _MAX_TEXT:
            raise MalformedFile("setting_too_large", limit=_MAX_TEXT)
        if self._inside > _MAX_ELEMENTS:
            raise MalformedFile("xml_too_many", limit=_MAX_ELEMENTS)


def _feed(parser: Any, chunk: bytes | None) -> None:  # noqa: ANN401 -- has no types
    try:
        if chunk is None:
            parser.close()
        else:
            parser.feed(chunk)
    except ParseError as error:
        reason = str(error.msg).partition(": line ")[0]
        raise MalformedFile("not_xml", error.position[0], reason=reason) from None
    except DefusedXmlException:
        raise MalformedFile("xml_doctype", _line(parser)) from None
    except MalformedFile as refused:
        refused.line = _line(parser)
        raise


def _line(parser: Any) -> int:  # noqa: ANN401 -- has no types
    line: int = parser.parser.CurrentLineNumber
    return line

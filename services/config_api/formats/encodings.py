"""The encoding of an XML file (XML 1.0, appendix F), and the file as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from services.config_api.formats.port import MalformedFile

_CHUNK: Final = 65_536
_HEAD: Final = 1_024
_DECLARED: Final = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']"""
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
#: Declared name → codec; Japanese programs mean Microsoft's code page by Shift_JIS.
_MEANT: Final = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
}
#: Codecs of Python that are no encodings of files, or hide ASCII characters from a scan.
_REFUSED: Final = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "hz"}
)
_UNDECLARED: Final = "utf-8"


def utf8_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Return the file's text as UTF-8, chunk by chunk.

    Raises MalformedFile for an encoding that is not known and for bytes that do not belong to it.
    """
    head = _head(stream)
    encoding, declared = _encoding(head)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    chunk = head
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise _undecodable(error, encoding, line, is_declared=declared) from None
        line += text.count("\n")
        yield text.encode("utf-8", "replace")
        if not chunk:
            return
        chunk = stream.read(_CHUNK)


def _head(stream: BinaryIO) -> bytes:
    head = b""
    while len(head) < _HEAD and (more := stream.read(_HEAD - len(head))):
        head += more
    return head


def _undecodable(
    error: UnicodeDecodeError, encoding: str, line: int, *, is_declared: bool
) -> MalformedFile:
    readable = error.object[: error.start].decode(encoding, "replace")
    line += readable.count("\n")
    if is_declared:
        return MalformedFile("not_in_encoding", line, encoding=encoding)
    return MalformedFile("encoding_undeclared", line)


def _encoding(head: bytes) -> tuple[str, bool]:
    """Return the codec, and whether the file says it; without a word it is UTF-8."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, True
    declaration = _DECLARED.match(head)
    if declaration is None:
        return _UNDECLARED, False
    name = declaration[1].decode("ascii")
    codec = _codec(name)
    if not _reads_ascii(codec, declaration[0]):
        raise MalformedFile("encoding_differs", 1, encoding=name)
    return codec, True


def _codec(name: str) -> str:
    try:
        info = codecs.lookup(_MEANT.get(name.lower(), name))
        b"<".decode(info.name, "replace")  # a LookupError tells codecs that are not of text
    except (LookupError, UnicodeError):
        raise MalformedFile("encoding_unknown", 1, encoding=name) from None
    if info.name.replace("_", "-") in _REFUSED:
        raise MalformedFile("encoding_unknown", 1, encoding=name)
    return info.name


def _reads_ascii(codec: str, declaration: bytes) -> bool:
    """Tell whether the declaration itself, which was read as ASCII, is in its encoding."""
    try:
        return declaration.decode(codec) == declaration.decode("ascii")
    except UnicodeDecodeError:
        return False

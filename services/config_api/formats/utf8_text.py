"""The text of a file that must be UTF-8, chunk by chunk."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final

from services.config_api.formats.malformed import MalformedFile

_CHUNK: Final = 65_536
_UTF16_UNIT: Final = 2


def text_chunks(stream: BinaryIO, *, refusal: str = "not_utf8") -> Iterator[str]:
    """Return the text of a file in UTF-8, a byte order mark left out.

    Raises MalformedFile, with the line: by the code `refusal` for another encoding, `nul` for that
    character.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    chunk = stream.read(_CHUNK)
    if b"\0" in chunk[:_UTF16_UNIT]:
        raise MalformedFile(refusal, line)
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise MalformedFile(refusal, line + error.object.count(b"\n", 0, error.start)) from None
        if "\0" in text:
            raise MalformedFile("nul", line + text.count("\n", 0, text.index("\0")))
        line += text.count("\n")
        if text:
            yield text
        if not chunk:
            return
        chunk = stream.read(_CHUNK)

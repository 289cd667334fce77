"""One reply of a server, and how its words may be shown."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SHOWN_LENGTH = 512
_JUDGED_LENGTH = 2048
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_IN_BRACKETS = re.compile(r"\(#([245]\.\d{1,3}\.\d{1,3})")
_LAST_OF_ASCII_CONTROLS = 0xFF
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerReply:
    """Reply code and text lines as received (scrubbed of secrets, not escaped)."""

    code: int
    lines: tuple[str, ...]

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 3463) that the text begins with."""
        match = _ENHANCED.match(self.lines[0])
        return match[1] if match else None

    @property
    def status(self) -> str | None:
        """The enhanced code wherever it stands: qmail writes `(#5.1.1)` behind its words."""
        match = _IN_BRACKETS.search(self.lines[-1][-SHOWN_LENGTH:])
        return self.enhanced or (match[1] if match else None)

    @property
    def text(self) -> str:
        """All lines as one without the enhanced code, which servers repeat on each; unescaped.

        At most 2048 characters: nobody hides a reason behind more, and patterns are searched in it.
        """
        own, text = self.enhanced, ""
        for line in self.lines:
            text += " " + (_without(own, line) if own else line)[:_JUDGED_LENGTH]
            if len(text) > _JUDGED_LENGTH:
                break
        return text[1 : _JUDGED_LENGTH + 1].strip()

    @property
    def shown(self) -> str:
        """The text for people: one line, escaped, at most 512 characters."""
        return shown(self.text)

    @property
    def quoted(self) -> str:
        """Code, enhanced code and text for people."""
        return shown(" ".join(filter(None, (str(self.code), self.enhanced, self.text))))


def shown(text: str) -> str:
    """Return foreign text with control and invisible characters escaped, shortened to 512."""
    if text.isprintable() and len(text) <= SHOWN_LENGTH:
        return text
    escaped = "".join(_escaped(character) for character in text[: SHOWN_LENGTH + 1])
    return escaped if len(escaped) <= SHOWN_LENGTH else escaped[: SHOWN_LENGTH - 1] + "…"


def _without(enhanced: str, line: str) -> str:
    repeated = _ENHANCED.match(line)
    return line[len(enhanced) :].lstrip() if repeated and repeated[1] == enhanced else line


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSHOWN:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number <= _LAST_OF_ASCII_CONTROLS else f"\\u{number:04x}"

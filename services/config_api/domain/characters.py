"""Which characters no field may hold, and which are there by mistake more often than not."""

from __future__ import annotations

import re
from typing import Final

#: C0, DEL and C1; surrogates, which cannot be encoded; U+FFFE and U+FFFF, which XML cannot hold.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: What UTS 46 drops from a name, and nobody sees: soft hyphen, zero-width space, joiner, BOM.
_INVISIBLE: Final = "\u00ad\u200b\u2060-\u2064\ufeff"
_DROPPED: Final = re.compile(f"[{_INVISIBLE}]")
_BLANKS: Final = "".join(
    one for one in map(chr, range(0x10000)) if one.isspace() or _DROPPED.match(one)
)
#: Invisible characters and marks of direction; in `_ODD_LETTERS` also wide blanks and letters.
_ODD: Final = re.compile(rf"^\s|\s$|[{_INVISIBLE}\u200c-\u200f\u2028-\u202e\u2066-\u2069]")
_ODD_LETTERS: Final = re.compile("[\u00a0\u3000\uff01-\uff5e]")


def has_control_characters(text: str) -> bool:
    """Tell whether a text holds CR, LF, NUL or another control character."""
    return _CONTROL.search(text) is not None


def has_odd_characters(text: str, *, letters: bool = True) -> bool:
    """Tell whether a text has blanks at its ends or characters that nobody sees.

    With `letters` also full-width letters and blanks, which an input method leaves in names that
    programs read.
    """
    # Nearly every text is; to look at each of its characters takes ten times as long.
    if text.isascii():
        return text[:1].isspace() or text[-1:].isspace()
    return _ODD.search(text) is not None or (letters and _ODD_LETTERS.search(text) is not None)


def without_blanks_around(text: str) -> str:
    """Return a text without blanks and invisible characters at its ends."""
    return text.strip(_BLANKS)


def without_invisible(text: str) -> str:
    """Return a text without the characters that UTS 46 drops from a name."""
    return _DROPPED.sub("", text)

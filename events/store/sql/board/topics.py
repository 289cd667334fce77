"""What a kept answer depends on: a number on the board for each stream that readers ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from events.access import TOKEN_CATEGORY
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.envelope import stream_name
from events.smtp_setting import CATEGORY as SETTING_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYTHING: Final = 0
#: All tokens together: they change seldom, and who shows one names it by its hash only.
TOKENS: Final = 1
#: All settings together, with their last tests: what a list of them depends on.
LIST: Final = 2
_FIRST: Final = 3
TOPICS: Final = 16_384
_TOKENS: Final = stream_name(TOKEN_CATEGORY, "")
_SETTINGS: Final = stream_name(SETTING_CATEGORY, "")
_LISTED: Final = (_SETTINGS, stream_name(TEST_CATEGORY, ""))
_MOST_AT_ONCE: Final = 64


def topic_of(stream: str) -> int | None:
    """Return a stream's number, which it may share with others; None where nobody keeps it."""
    if stream.startswith(_SETTINGS):
        return _FIRST + crc32(stream.encode()) % (TOPICS - _FIRST)
    return TOKENS if stream.startswith(_TOKENS) else None


def topics_of(streams: Iterable[str] | None) -> frozenset[int]:
    """Return the numbers of some streams; for all of them, or very many, that of everything."""
    if streams is None:
        return frozenset({EVERYTHING})
    found: set[int] = set()
    for stream in streams:
        own = topic_of(stream)
        if own is not None:
            found.add(own)
        if stream.startswith(_LISTED):
            found.add(LIST)
    return frozenset(found if len(found) <= _MOST_AT_ONCE else {EVERYTHING})

"""Which known word was probably meant by one that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

_FILLING: Final = re.compile(r"[\s_./-]+")
_LONGEST: Final = 100  # of what is compared: the comparison takes time by the square
_NEAR: Final = 0.85


Others = tuple[tuple[str, str], ...]


def same_word(word: str, known: tuple[str, ...], others: Others = ()) -> str | None:
    """Return the known word that differs at most in case, blanks, dots, hyphens or underscores.

    `others` are from `pairs`: words of other programs, with what they mean here.
    """
    return _by_plain(known, others).get(plain_word(word))


@lru_cache(maxsize=1024)
def nearest(word: str, known: tuple[str, ...], others: Others = ()) -> str | None:
    """Return the known word that is the same or near, or None; `others` as in `same_word`."""
    by_plain = _by_plain(known, others)
    plain = plain_word(word)
    if plain in by_plain:
        return by_plain[plain]
    close = get_close_matches(plain, by_plain, n=1, cutoff=_NEAR)
    return by_plain[close[0]] if close else None


def pairs(words: Mapping[str, Iterable[str]]) -> Others:
    """Return `others` for `nearest` from what each known word is called elsewhere."""
    return tuple((plain_word(other), word) for word, others in words.items() for other in others)


def plain_word(word: str) -> str:
    """Return the beginning of a word without what people write in different ways."""
    return _FILLING.sub("", word[:_LONGEST].lower())


@lru_cache(maxsize=16)
def _by_plain(known: tuple[str, ...], others: Others) -> dict[str, str]:
    return {plain_word(one): one for one in known} | dict(others)

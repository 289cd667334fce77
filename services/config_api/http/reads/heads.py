"""The headers of answers: one pattern for all that differ in tag, link, length and trace only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.config_api.http.trace import TRACE_HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    Headers = Sequence[tuple[str, str]]

_LENGTH: Final = "Content-Length"
_TAG: Final = "ETag"
_LINK: Final = "Link"
_OF_THE_BODY: Final = frozenset({"Content-Type", _LENGTH})
_OWN: Final = frozenset({_TAG, _LINK, _LENGTH, TRACE_HEADER})
_VERSION: Final = re.compile(r'"(?:(.+)-)?v(\d+)(?:-none)?"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Headers, those that differ left empty, and where these stand; -1: nowhere."""

    headers: tuple[tuple[str, str], ...]
    trace_at: int
    tag_at: int = -1
    link_at: int = -1
    length_at: int = -1

    def filled(self, tag: str, link: str, trace_id: str, length: int) -> list[tuple[str, str]]:
        """Return the headers of one answer."""
        headers = list(self.headers)
        headers[self.trace_at] = (TRACE_HEADER, trace_id)
        if self.tag_at >= 0:
            headers[self.tag_at] = (_TAG, tag)
        if self.link_at >= 0:
            headers[self.link_at] = (_LINK, link)
        if self.length_at >= 0:
            headers[self.length_at] = (_LENGTH, str(length))
        return headers


@dataclass(frozen=True, kw_only=True, slots=True)
class Heads:
    """The head of an answer, and the one that says that what the asker has is still so."""

    found: Head
    unmodified: Head


def heads_of(headers: Headers) -> Heads:
    """Return the heads that the headers of a whole answer are an example of."""
    return Heads(
        found=_head(headers),
        unmodified=_head([one for one in headers if one[0] not in _OF_THE_BODY]),
    )


def tag_in(headers: Headers) -> str:
    """Return the tag of an answer, empty where it has none."""
    return _value(headers, _TAG)


def link_in(headers: Headers) -> str:
    """Return the link of an answer, empty where it has none."""
    return _value(headers, _LINK)


def version_in(tag: str, tenant: str) -> tuple[str, int] | None:
    """Return the setting that a tag of a tenant's answer speaks of, and its version."""
    found = _VERSION.fullmatch(tag)
    return None if found is None else (found[1] or tenant, int(found[2]))


def _head(headers: Headers) -> Head:
    names = [name for name, _ in headers]
    return Head(
        headers=tuple((name, "" if name in _OWN else value) for name, value in headers),
        trace_at=names.index(TRACE_HEADER),
        tag_at=_place(names, _TAG),
        link_at=_place(names, _LINK),
        length_at=_place(names, _LENGTH),
    )


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else -1


def _value(headers: Headers, wanted: str) -> str:
    return next((value for name, value in headers if name == wanted), "")

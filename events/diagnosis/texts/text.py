"""What a code says to people."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """Title (a few words) and hint (one sentence or two on what to change) of one code."""

    title: str
    hint: str


Texts = dict[str, Text]

"""The language that a request asks for: on a page the reader's choice, else `Accept-Language`."""

from __future__ import annotations

from typing import Literal

from flask import g, request

Language = Literal["en", "ja"]
#: What the web client keeps the reader's choice under, for the request at hand.
CHOSEN = "language"


def asked_language() -> Language:
    """Return the language that the reader of a page chose, otherwise what the browser prefers."""
    chosen: Language | None = g.get(CHOSEN)
    return chosen or _preferred()


def _preferred() -> Language:
    """Return the better of en and ja by the q-values of `Accept-Language`; en if neither is asked.

    A range of a region asks for its language too (RFC 4647 lookup): `ja-JP` for ja. Of two that are
    asked for alike, the first is taken.
    """
    asked: dict[str, float] = {}
    for given, quality in request.accept_languages:
        asked.setdefault(given.partition("-")[0].lower(), quality)
    others = asked.get("*", 0.0)
    english, japanese = asked.get("en", others), asked.get("ja", others)
    named = [language for language in asked if language in {"en", "ja"}]
    first_is_japanese = named[:1] == ["ja"] and japanese > 0
    return "ja" if japanese > english or (japanese == english and first_is_japanese) else "en"

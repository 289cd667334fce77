"""JSON (RFC 8259) read without the standard loader's leniency."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from services.config_api.formats.malformed import MalformedDocument

__all__ = [
    "MAX_DEPTH",
    "MalformedDocument",
    "check_integer",
    "check_levels",
    "check_number",
    "decode_at",
    "is_shallow",
    "shown_key",
    "strict_json",
]

MAX_DEPTH: Final = 32
_INT64: Final = range(-(2**63), 2**63)
_MAX_DIGITS: Final = 20
_MAX_SHOWN: Final = 100
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def strict_json(data: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the JSON value in UTF-8 bytes.

    A character escaped as U+0000 passes: which field holds it is told by the field's own rules.

    Raises MalformedDocument for syntax, duplicate keys, NaN and infinities, more than 32 levels,
    integers beyond 64 bits and lone surrogates.
    """
    try:
        text = data.decode("utf-8-sig")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedDocument("document_not_utf8", line) from None
    except json.JSONDecodeError as error:
        raise MalformedDocument("not_json", error.lineno, reason=error.msg) from None
    except RecursionError:
        raise _too_deep() from None
    if not is_shallow(text, 0, len(text)):
        check_levels(value)
    return value


def decode_at(text: str, place: int) -> tuple[Any, int]:
    """Return the JSON value that begins at a place of a text, and the place behind it.

    The levels are not checked. Raises MalformedDocument, and json.JSONDecodeError for syntax.
    """
    try:
        return _DECODER.raw_decode(text, place)
    except RecursionError:
        raise _too_deep() from None


def is_shallow(text: str, begin: int, end: int, *, above: int = 0) -> bool:
    """Tell whether the value in a part of a decoded text needs no `check_levels`.

    That is where all its brackets inside each other would be few enough, and no character is
    escaped by its number: a text that was decoded holds no surrogates otherwise.
    """
    opened = text.count("[", begin, end) + text.count("{", begin, end)
    return above + opened <= MAX_DEPTH and text.find("\\u", begin, end) < 0


def check_levels(value: Any, *, above: int = 0) -> None:  # noqa: ANN401 -- any JSON value
    """Check depth and characters level by level, so that no depth overflows the stack.

    `above` levels are around the value. Raises MalformedDocument.
    """
    level = [value]
    for depth in range(above, MAX_DEPTH + 1):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, str) and _SURROGATE.search(item):
                raise MalformedDocument("surrogate")
            if isinstance(item, dict | list) and depth == MAX_DEPTH:
                raise _too_deep()
            if isinstance(item, dict):
                deeper += item.keys()
                deeper += item.values()
            elif isinstance(item, list):
                deeper += item
        if not deeper:
            return
        level = deeper


def shown_key(key: str) -> str:
    """Return a key as a sentence shows it."""
    return json.dumps(key[:_MAX_SHOWN])


def check_integer(text: str) -> int:
    """Return the integer of 64 bits in decimal digits; raises MalformedDocument."""
    if len(text) > _MAX_DIGITS or int(text) not in _INT64:
        raise MalformedDocument("integer_too_large")
    return int(text)


def check_number(text: str) -> float:
    """Return the number in a text; raises MalformedDocument for one beyond double precision."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise MalformedDocument("number_too_large")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise MalformedDocument("key_repeated", key=shown_key(key))
        seen.add(key)
    raise AssertionError("a dict is shorter only for a key that occurs twice")


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedDocument("not_a_number", name=name)


def _too_deep() -> MalformedDocument:
    return MalformedDocument("too_deep", limit=MAX_DEPTH)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_refuse_constant,
    parse_int=check_integer,
    parse_float=check_number,
)

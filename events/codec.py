"""Facts to canonical JSON and back, by their classes' own annotations."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


class MalformedData(ValueError):
    """Stored or received data does not have the shape of its class."""


_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """Return the one byte form of a JSON value: sorted keys, no blanks, UTF-8.

    Raises ValueError for NaN, infinities and lone surrogates.
    """
    return _CANONICAL.encode(value).encode("utf-8")


def to_data(fact: object) -> dict[str, Any]:
    """Return a fact as plain JSON types."""
    plain: dict[str, Any] = _with_lists(msgspec.to_builtins(fact))
    return plain


def from_data(shape: type[T], data: dict[str, Any]) -> T:
    """Return the fact of class `shape` from plain JSON types; unknown fields are passed over.

    Raises MalformedData.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise MalformedData(f"{shape.__name__}: {error}") from error


def from_json(shape: type[T], data: bytes) -> T:
    """Return the same as `from_data` from the JSON itself, without an object for every member.

    Raises MalformedData.
    """
    decoder = _decoders.get(shape) or _decoders.setdefault(shape, msgspec.json.Decoder(shape))
    try:
        fact: T = decoder.decode(data)
    except msgspec.DecodeError as error:
        raise MalformedData(f"{shape.__name__}: {error}") from error
    return fact


def _with_lists(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a value with lists in place of the tuples of facts: JSON has no others."""
    if isinstance(value, dict):
        return {name: _with_lists(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_with_lists(member) for member in value]
    return value

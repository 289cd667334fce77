"""Facts to canonical JSON and back, by their classes' own annotations."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T")

_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_holding_floats: dict[type[Any], bool] = {}


class MalformedData(ValueError):
    """Stored or received data does not have the shape of its class."""


_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)

_IN_ORDER = msgspec.json.Encoder()
_FLOATLESS = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """Return the one byte form of a JSON value: sorted keys, no blanks, UTF-8.

    Raises ValueError for NaN, infinities and lone surrogates.
    """
    return _CANONICAL.encode(value).encode("utf-8")


def floatless_json(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """Return the same bytes for a value without floats, whose digits msgspec writes in its way.

    It takes a fifth of the time. A dataclass is the object of its fields. Raises ValueError for
    lone surrogates.
    """
    return _FLOATLESS.encode(value)


def fact_json(fact: object) -> bytes:
    """Return the canonical JSON of a fact's data; raises ValueError as `canonical_json` does."""
    if _may_hold_floats(type(fact)):
        return canonical_json(to_data(fact))
    return floatless_json(fact)


def _may_hold_floats(shape: type[Any]) -> bool:
    if shape not in _holding_floats:
        _holding_floats[shape] = _has_floats(inspect.type_info(shape))
    return _holding_floats[shape]


def _has_floats(info: inspect.Type | inspect.Field) -> bool:
    """Tell whether a type may hold a float at any depth; one that says nothing may."""
    if isinstance(info, inspect.FloatType | inspect.AnyType):
        return True
    inside = (getattr(info, name) for name in info.__struct_fields__)
    parts = (one for part in inside for one in (part if isinstance(part, tuple) else (part,)))
    return any(_has_floats(one) for one in parts if isinstance(one, inspect.Type | inspect.Field))


def json_text(value: Any) -> str:  # noqa: ANN401 -- any JSON value without NaN and infinities
    """Return JSON without blanks, members in their order; raises ValueError for lone surrogates."""
    return _IN_ORDER.encode(value).decode()


def spaced_json(value: Any) -> str:  # noqa: ANN401 -- any JSON value without NaN and infinities
    """Return the same with a blank behind each comma and colon, as people read it in a line."""
    return msgspec.json.format(_IN_ORDER.encode(value), indent=0).decode()


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

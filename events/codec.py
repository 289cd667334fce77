"""Facts to canonical JSON and back, by their classes' own annotations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import cattrs

T = TypeVar("T")

_converter = cattrs.Converter(omit_if_default=False)


def _only(*accepted: type) -> Callable[[Any, type[T]], T]:
    """Return a hook that takes values of these types alone: cattrs would make text of anything."""

    def structure(value: Any, shape: type[T]) -> T:  # noqa: ANN401 -- any JSON value
        if type(value) not in accepted:
            raise TypeError(f"{type(value).__name__} is not {shape.__name__}")
        return shape(value)  # type: ignore[call-arg]  # a number of a field with decimals may have none

    return structure


_converter.register_structure_hook(str, _only(str))
_converter.register_structure_hook(int, _only(int))
_converter.register_structure_hook(float, _only(float, int))
_converter.register_structure_hook(bool, _only(bool))


class MalformedData(ValueError):
    """Stored or received data does not have the shape of its class."""


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """Return the one byte form of a JSON value: sorted keys, no blanks, UTF-8.

    Raises ValueError for NaN, infinities and lone surrogates.
    """
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def to_data(fact: object) -> dict[str, Any]:
    """Return a fact as plain JSON types."""
    plain: dict[str, Any] = _converter.unstructure(fact)
    return plain


def from_data(shape: type[T], data: dict[str, Any]) -> T:
    """Return the fact of class `shape` from plain JSON types; unknown fields are passed over.

    Raises MalformedData.
    """
    try:
        return _converter.structure(data, shape)
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise MalformedData(f"{shape.__name__}: {error}") from error

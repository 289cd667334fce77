"""Reads documents that are right in shape by the types of their members alone.

marshmallow takes ten times as long for the same, and most documents of an import are right. What is
not, or right in another way (587.0 as an integer), is left to marshmallow, which tells why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, Final, TypeAlias

from marshmallow import Schema, fields

from services.config_api.formats.schema import Array, Flag, Integer, Map, Object, Text

#: Returns a new value like the one that marshmallow reads; None where it is for marshmallow.
Reader: TypeAlias = Callable[[Any], Any]

_CLASSES: Final[Mapping[type[fields.Field[Any]], type]] = {Text: str, Integer: int, Flag: bool}


def plain_reader(schema: Schema) -> Reader:
    """Return what reads documents of a schema without rules of its own, whose members may lack.

    Raises TypeError for a field of another kind.
    """
    load = schema.load_fields
    inner = {name: reader for name, one in load.items() if (reader := _inner_reader(one))}
    scalars = {name: _classes(one) for name, one in load.items() if name not in inner}
    passed_over = frozenset(schema.fields) - frozenset(load)

    def read(document: Any) -> dict[str, Any] | None:  # noqa: ANN401 -- unchecked
        if document.__class__ is not dict:
            return None
        found = {}
        for name, value in document.items():
            if value.__class__ in scalars.get(name, ()):
                found[name] = value
            elif name in inner:
                found[name] = one = inner[name](value)
                if one is None:
                    return None
            elif name not in passed_over:
                return None
        return found

    return read


def _classes(one: fields.Field[Any]) -> frozenset[type]:
    """Return the classes of a scalar field's values: exactly these, for True is an int, too."""
    own = next((_CLASSES[kind] for kind in type(one).__mro__ if kind in _CLASSES), None)
    if own is None:
        raise TypeError(f"{one!r} has no plain form")
    return frozenset({own, NoneType} if one.allow_none else {own})


def _inner_reader(one: fields.Field[Any]) -> Reader | None:
    if isinstance(one, Object):
        return plain_reader(one.schema)
    if isinstance(one, Array):
        return _list_reader(_classes(one.inner))
    if isinstance(one, Map) and one.value_field is not None:
        return _map_reader(_classes(one.value_field))
    return None


def _list_reader(classes: frozenset[type]) -> Reader:
    def read(value: Any) -> list[Any] | None:  # noqa: ANN401 -- unchecked
        if value.__class__ is not list or not classes.issuperset(map(type, value)):
            return None
        return list(value)

    return read


def _map_reader(classes: frozenset[type]) -> Reader:
    def read(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 -- unchecked
        if value.__class__ is not dict or not classes.issuperset(map(type, value.values())):
            return None
        return dict(value)

    return read

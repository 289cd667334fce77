"""Fields of requests that only HTTP has."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from services.config_api.formats.schema import Array, Integer, Object, Text, Word
from services.config_api.formats.schema_errors import message
from services.config_api.http.schemas.rules import Line, OneOf, Within

_MOST_TEXT = 320
_MOST_NUMBER = 2**31


def line(**options: Any) -> Text:  # noqa: ANN401 -- a field's own
    """Return a field for a text without control characters, neither empty nor long."""
    return Text(validate=Line(_MOST_TEXT, least=1), **options)


def positive(*, most: int = _MOST_NUMBER, **options: Any) -> Integer:  # noqa: ANN401 -- a field's own
    """Return a field for a whole number from 1."""
    return Integer(validate=Within(1, most), **options)


def choice(words: tuple[str, ...], **options: Any) -> Text:  # noqa: ANN401 -- a field's own
    """Return a field for one of a few words."""
    return Text(validate=OneOf(words), **options)


def choices(words: tuple[str, ...], **options: Any) -> Array:  # noqa: ANN401 -- a field's own
    """Return a field for some of a few words, at least one, none twice."""

    def are_choices(given: list[str]) -> None:
        if not set(given) <= set(words):
            raise ValidationError(message("not_one_of", choices=list(words)))

    return Texts(Word(words), validate=are_choices, **options)


class Texts(Array):
    """A list of different texts, at least one."""

    def __init__(self, item: Text, **options: Any) -> None:  # noqa: ANN401 -- a field's own
        super().__init__(item, metadata={"minItems": 1, "uniqueItems": True}, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 -- unchecked
        if isinstance(value, list) and not _are_different_texts(value):
            raise ValidationError(message("not_different_texts"))
        return super()._deserialize(value, *args, **kwargs)


class Unread(Object):
    """An object whose shape is judged later, together with what only then is known."""

    def _deserialize(self, value: Any, *_: Any, **_more: Any) -> Any:  # noqa: ANN401 -- unchecked
        return value


def _are_different_texts(values: list[Any]) -> bool:
    texts = all(isinstance(one, str) for one in values)
    return bool(values) and texts and len(set(values)) == len(values)

"""Rules for single values; what they refuse has a code, so that it is told in every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, validate

from services.config_api.domain.characters import has_control_characters
from services.config_api.formats.schema_errors import Message, message


class Within(validate.Range):
    """A number within bounds, both of which are taken."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(min=least, max=most)
        self._told = message("out_of_range", minimum=least, maximum=most)

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 -- as its base
        return _judged(super().__call__, value, self._told)


class OneOf(validate.OneOf):
    """One of a few words."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        self._told = message("not_one_of", choices=list(words))

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 -- as its base
        return _judged(super().__call__, value, self._told)


class Line(validate.Length):
    """A text without control characters and not too long; empty only where `least` is 0."""

    def __init__(self, most: int, *, least: int = 0) -> None:
        super().__init__(min=least, max=most)
        self._told = message("wrong_length" if least else "too_long", limit=most)

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 -- as its base
        _judged(super().__call__, value, self._told)
        if has_control_characters(value):
            raise ValidationError(message("control_characters"))
        return value


def _judged(rule: Any, value: Any, told: Message) -> Any:  # noqa: ANN401 -- any rule of marshmallow's
    try:
        return rule(value)
    except ValidationError as error:
        raise ValidationError(told) from error

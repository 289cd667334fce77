"""marshmallow's fields without its conversions: `"587"` and 1.5 are no integers, 587.0 is one."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields

from services.config_api.formats.schema_errors import message


def _must_be(expected: str, code: str = "wrong_type") -> dict[str, Any]:
    wrong = message(code, expected=expected)
    return {"invalid": wrong, "null": wrong, "required": message("required")}


class Shape(Schema):
    """The schema of a JSON object; unknown fields are refused at every depth."""

    error_messages: dict[str, Any] = {  # noqa: RUF012 -- marshmallow's own attribute
        "type": message("wrong_type", expected="object"),
        "unknown": message("unknown_field"),
    }


class NullableShape(Shape):
    """The schema of a merge patch: each field may be null, and none is required."""

    def on_bind_field(self, _name: str, field_obj: fields.Field[Any]) -> None:
        """Let a field be null."""
        field_obj.allow_none = True


class Text(fields.String):
    """A string."""

    default_error_messages = _must_be("string")


class Word(Text):
    """A string that the rules take only from `options`; its shape is any string.

    Where null is one of its values, `or_blank`, the rules read an empty string as null.
    """

    def __init__(self, options: tuple[str, ...], **kwargs: Any) -> None:  # noqa: ANN401 -- a field's own
        super().__init__(**kwargs)
        self.options = options
        self.or_blank = bool(kwargs.get("allow_none"))


class Integer(fields.Integer):
    """An integer, which JSON may write with a point."""

    default_error_messages = _must_be("integer")

    def _deserialize(self, value: Any, *_: Any, **_more: Any) -> int:  # noqa: ANN401 -- unchecked
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Port(Integer):
    """The number of a TCP port; the diagnosis has a code of its own for what is none."""

    default_error_messages = _must_be("integer", "port_invalid")


class Flag(fields.Boolean):
    """True or false."""

    default_error_messages = _must_be("boolean")

    def _deserialize(self, value: Any, *_: Any, **_more: Any) -> bool:  # noqa: ANN401 -- unchecked
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Array(fields.List[Any]):
    """A list; with a wrong item it is wrong as a whole, for places would move."""

    default_error_messages = _must_be("array")

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 -- unchecked
        if not isinstance(value, list):
            raise self.make_error("invalid")
        try:
            return super()._deserialize(value, *args, **kwargs)
        except ValidationError as wrong:
            raise ValidationError(wrong.messages) from None


class Map(fields.Dict):
    """An object with any names."""

    default_error_messages = _must_be("object")

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 -- unchecked
        try:
            read: dict[str, Any] = super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]  # it has no types
        except ValidationError as wrong:
            if not isinstance(wrong.messages, dict):
                raise
            told = {name: parts["value"] for name, parts in wrong.messages.items()}
            raise ValidationError(told, valid_data=wrong.valid_data) from None
        return read


class Object(fields.Nested):
    """An object with a schema of its own."""

    default_error_messages = _must_be("object")

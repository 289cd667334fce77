"""Reads a document by a marshmallow schema, and tells what is wrong by pointer and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from marshmallow import Schema, ValidationError
from marshmallow.exceptions import SCHEMA

from services.config_api.domain.field_errors import FieldError, Path, pointer_to
from services.config_api.domain.retyping import retyped

#: The fact that holds a sentence, where neither the domain nor the diagnosis has one for the code.
SENTENCE: Final = "sentence"
_WRONG_VALUE: Final = "wrong_value"

#: What marshmallow calls a message holds a code and its facts here; the place comes later.
Message = list[FieldError]


def message(code: str, **facts: object) -> Message:
    """Return what a schema or a field says of one kind of mistake."""
    return [FieldError(pointer="", code=code, facts=facts)]


def read_shape(
    schema: Schema,
    document: Any,  # noqa: ANN401 -- unchecked
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """Return the fields of a document that are right in shape, and the errors of the others.

    A mistake for which the schema says a mere sentence has the code `wrong_value`. The errors come
    in the document's order, those of fields that are missing last.
    """
    try:
        return schema.load(document), ()
    except ValidationError as wrong:
        fields = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
        return fields, tuple(_told(wrong.messages, document, ()))


def _told(messages: object, value: object, path: Path) -> Iterator[FieldError]:
    if isinstance(messages, FieldError):
        fix = retyped(path, value, messages.facts.get("expected"))
        yield replace(messages, pointer=pointer_to(*path), fix=fix)
    elif isinstance(messages, str):
        facts = {SENTENCE: messages}
        yield FieldError(pointer=pointer_to(*path), code=_WRONG_VALUE, facts=facts)
    elif isinstance(messages, list):
        for one in messages:
            yield from _told(one, value, path)
    elif isinstance(messages, dict):
        yield from _told_of_members(messages, value, path)


def _told_of_members(messages: dict[Any, Any], value: object, path: Path) -> Iterator[FieldError]:
    members = _members(value)
    there = [step for step in members if step in messages]
    missing = [step for step in messages if step not in members]
    for step in (*there, *missing):
        of_itself = step == SCHEMA and step not in members
        yield from _told(messages[step], members.get(step), path if of_itself else (*path, step))


def _members(value: object) -> Mapping[Any, object]:
    """Return what a value holds: an object by name, a list by place."""
    if isinstance(value, Mapping):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}

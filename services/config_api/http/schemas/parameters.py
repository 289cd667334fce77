"""Fields of query parameters, which are texts that stand once."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields

from services.config_api.formats.schema import Shape
from services.config_api.formats.schema_errors import message

MOST_POSITION = 2**63 - 1
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def once(given: list[str]) -> str:
    """Return the value of a parameter; raises ValidationError where it stands several times."""
    if len(given) > 1:
        raise ValidationError(message("repeated"))
    return given[0]


def instant_from(given: str) -> datetime:
    """Return an RFC 3339 instant in UTC; raises ValueError. A `+` that a URL ate counts as one."""
    spelled = given.replace(" ", "+")
    if not _INSTANT.fullmatch(spelled):
        raise ValueError("an RFC 3339 instant such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(spelled.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("an RFC 3339 instant that exists") from error


def position_from(given: str) -> int:
    """Return a position of the store; raises ValueError."""
    if not _INTEGER.fullmatch(given) or not 0 <= int(given) <= MOST_POSITION:
        raise ValueError("a position")
    return int(given)


class Parameters(Shape):
    """The schema of a query."""

    error_messages: dict[str, Any] = {  # noqa: RUF012 -- marshmallow's own attribute
        "unknown": message("unknown_parameter")
    }


class Number(fields.Integer):
    """A whole number in ASCII digits."""

    def _deserialize(self, value: str, *_: Any, **_more: Any) -> int:  # noqa: ANN401 -- as its base
        if not _INTEGER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class Instant(fields.DateTime):
    """An RFC 3339 instant."""

    def _deserialize(self, value: str, *_: Any, **_more: Any) -> datetime:  # noqa: ANN401 -- as its base
        try:
            return instant_from(value)
        except ValueError as error:
            raise ValidationError(message("not_an_instant")) from error


class Moment(fields.Raw):
    """A position or an instant."""

    def _deserialize(self, value: str, *_: Any, **_more: Any) -> int | datetime:  # noqa: ANN401 -- as its base
        for reading in (position_from, instant_from):
            with suppress(ValueError):
                return reading(value)
        raise ValidationError(message("not_a_moment"))


class Cursor(fields.String):
    """The `next` of a page, which holds a place in a list."""

    def _deserialize(self, value: str, *_: Any, **_more: Any) -> str:  # noqa: ANN401 -- as its base
        told = message("not_a_cursor")
        try:
            place = base64.b64decode(value.encode("ascii"), altchars=b"-_", validate=True).decode()
        except (ValueError, binascii.Error) as error:
            raise ValidationError(told) from error
        if not place.isprintable():
            raise ValidationError(told)
        return place


def cursor_text(place: str) -> str:
    """Return the opaque cursor for a place in a list."""
    return base64.urlsafe_b64encode(place.encode()).decode("ascii")

"""Query parameters: one declaration checks them and documents them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import fields

from services.config_api.formats.schema_errors import Message, message, read_shape
from services.config_api.http.failures import field_errors
from services.config_api.http.problems import invalid
from services.config_api.http.schemas.parameters import (
    MOST_POSITION,
    Cursor,
    Instant,
    Moment,
    Number,
    Parameters,
    once,
)
from services.config_api.http.schemas.rules import Line, OneOf, Within

if TYPE_CHECKING:
    from marshmallow import Schema

    from services.config_api.domain.field_errors import FieldError

MOST_ITEMS = 500
USUAL_ITEMS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Param:
    """One query parameter; its field reads and documents it."""

    name: str
    field: fields.Field[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """The checked parameters of a request; None where one was not given and has no default."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- each parameter has its own type
        return self.values[name]


def _options(
    description: str, default: object = None, *, wrong: Message | None = None
) -> dict[str, Any]:
    """Return what each field is made with; `wrong` is told of what cannot be read."""
    told = {"required": message("required")} | ({} if wrong is None else {"invalid": wrong})
    return {
        "pre_load": once,
        "metadata": {"description": description},
        "error_messages": told,
    } | ({} if default is None else {"load_default": default})


def text(name: str, description: str, *, most: int = 256) -> Param:
    """Return a parameter that is any text without control characters."""
    return Param(name=name, field=fields.String(validate=Line(most), **_options(description)))


def integer(
    name: str, description: str, *, least: int, most: int, default: int | None = None
) -> Param:
    """Return a parameter that is a whole number within bounds."""
    wrong = message("wrong_type", expected="integer")
    options = _options(description, default, wrong=wrong)
    return Param(name=name, field=Number(validate=Within(least, most), **options))


def version(name: str, description: str) -> Param:
    """Return a parameter that must be given: a version of a setting."""
    options = _options(description, wrong=message("wrong_type", expected="integer"))
    within = Within(1, MOST_POSITION)
    return Param(name=name, field=Number(validate=within, required=True, **options))


def choice(name: str, description: str, *choices: str, required: bool = False) -> Param:
    """Return a parameter that is one of a few words."""
    options = _options(description)
    one_of = fields.String(validate=OneOf(choices), required=required, **options)
    return Param(name=name, field=one_of)


def boolean(name: str, description: str, *, default: bool | None = None) -> Param:
    """Return a parameter that is `true` or `false`."""
    options = _options(description, default, wrong=message("not_one_of", choices=["true", "false"]))
    return Param(name=name, field=fields.Boolean(truthy={"true"}, falsy={"false"}, **options))


def instant(name: str, description: str) -> Param:
    """Return a parameter that is an RFC 3339 instant."""
    return Param(name=name, field=Instant(**_options(description)))


def position(name: str, description: str) -> Param:
    """Return a parameter that is a position of the store."""
    return integer(name, description, least=0, most=MOST_POSITION)


def moment(name: str, description: str) -> Param:
    """Return a parameter that is a position or an instant."""
    options = _options(description)
    options["metadata"]["anyOf"] = [
        {"type": "integer", "minimum": 0, "maximum": MOST_POSITION},
        {"type": "string", "format": "date-time"},
    ]
    return Param(name=name, field=Moment(**options))


def limit() -> Param:
    """Return the parameter that says how long a page is."""
    about = f"How many items a page holds, at most {MOST_ITEMS}."
    return integer("limit", about, least=1, most=MOST_ITEMS, default=USUAL_ITEMS)


def cursor() -> Param:
    """Return the parameter that continues a list: the `next` of the page before."""
    return Param(name="cursor", field=Cursor(**_options("The `next` of the page before.")))


@cache
def schema_of(params: tuple[Param, ...]) -> Schema:
    """Return the schema of a query, made once for each declaration."""
    return Parameters.from_dict({param.name: param.field for param in params})()


def read_query(params: tuple[Param, ...]) -> Query:
    """Return the request's parameters; raises Problem `validation-failed` with all wrong ones."""
    query, errors = checked(params, request.args.to_dict(flat=False))
    if errors:
        named = (replace(error, pointer="?" + _name_in(error.pointer)) for error in errors)
        raise invalid(field_errors(named))
    return query


def checked(
    params: tuple[Param, ...], given: Mapping[str, list[str]]
) -> tuple[Query, tuple[FieldError, ...]]:
    """Return the parameters that are right, and what is wrong with the others."""
    schema = schema_of(params)
    values, errors = read_shape(schema, given)
    return Query(values=dict.fromkeys(schema.fields) | values), errors


def _name_in(pointer: str) -> str:
    return pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")

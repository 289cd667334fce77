"""Short ways to write JSON Schemas."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
VERSION: Schema = {"type": "integer", "minimum": 1}
ANYTHING: Schema = {}


def ref(name: str) -> Schema:
    """Return the reference to a schema of the API."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(*words: str) -> Schema:
    """Return the schema of one of a few words."""
    return {"type": "string", "enum": list(words)}


def array(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def nullable(schema: Schema) -> Schema:
    """Return a schema that also takes null."""
    return {"anyOf": [schema, {"type": "null"}]}


def closed(properties: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these members, all but `optional`, and no others."""
    required = [name for name in properties if name not in optional]
    shape: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def mapping(values: Schema) -> Schema:
    """Return the schema of an object with any names."""
    return {"type": "object", "additionalProperties": values}


def page(items: Schema, **more: Schema) -> Schema:
    """Return the schema of a page of a list; `more` are optional members."""
    members = {"items": array(items), "next": nullable(TEXT), **more}
    return closed(members, optional=tuple(more))

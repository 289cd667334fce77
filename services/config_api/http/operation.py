"""What an operation of the API says of itself: one declaration checks and documents it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.config_api.http.guard import Access
from services.config_api.http.idempotency import Kind
from services.config_api.http.query import Param

SCHEMAS = "#/components/schemas/"
PROBLEM_TYPE = "application/problem+json"
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Also where no body is wanted: one that is sent is read, and refused.
_OF_WRITING = {
    "malformed",
    "payload-too-large",
    "unsupported-media-type",
}


def header_refs(*names: str) -> dict[str, Any]:
    """Return the OpenAPI headers of an answer: each by its name, described among the components."""
    return {
        name: {"$ref": "#/components/headers/" + name.replace("-", "")}
        for name in dict.fromkeys(names)
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What a request carries: its schema's name, or None for a file, by media type.

    `examples` are those of media types whose bodies are written otherwise than `example`.
    """

    media_types: tuple[str, ...]
    schema: str | None
    example: Mapping[str, Any] | None = None
    required: bool = True
    examples: Mapping[str, object] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return its OpenAPI request body object."""
        content: dict[str, dict[str, Any]] = {}
        for media_type in self.media_types:
            content[media_type] = {"schema": self._shape(media_type)}
            example = self.examples.get(media_type, self.example)
            if example is not None:
                content[media_type]["example"] = example
        return {"required": self.required, "content": content}

    def _shape(self, media_type: str) -> dict[str, Any]:
        if self.schema is not None:
            return {"$ref": SCHEMAS + self.schema}
        return {"type": "object" if media_type == "application/json" else "string"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What can be done next with what an answer tells: parameters by `path.id`, `header.If-Match`.

    Their values are OpenAPI's runtime expressions, such as `$response.body#/id`.
    """

    operation_id: str
    parameters: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """Return its OpenAPI link object."""
        return {"operationId": self.operation_id, "parameters": dict(self.parameters)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Good:
    """An answer to a request that was carried out.

    `schema` and `example` are those of `media_type`; `also` are the schemas of further media types,
    and `examples` their examples.
    """

    status: int
    description: str
    schema: str | None = None
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()
    example: object = None
    also: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, object] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return its OpenAPI response object."""
        described: dict[str, Any] = {
            "description": self.description,
            "headers": header_refs("Trace-Id", *self.headers),
        }
        if self.schema is not None:
            shapes = {self.media_type: self.schema, **self.also}
            described["content"] = {
                media_type: self._media(media_type, name) for media_type, name in shapes.items()
            }
        if self.links:
            described["links"] = {link.operation_id: link.document() for link in self.links}
        return described

    def _media(self, media_type: str, schema: str) -> dict[str, Any]:
        first = self.example if media_type == self.media_type else None
        example = self.examples.get(media_type, first)
        told = {} if example is None else {"example": example}
        return {"schema": {"$ref": SCHEMAS + schema}} | told


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one path.

    `problems` are the slugs that it may answer beside those that follow from the rest of the
    declaration. `headers` are the names of shared header parameters, such as `IfMatch`.
    """

    method: str
    rule: str
    access: Access
    good: Sequence[Good]
    problems: Sequence[str] = ()
    query: tuple[Param, ...] = ()
    headers: tuple[str, ...] = ()
    body: Body | None = None
    kind: Kind = field(default_factory=Kind)

    @property
    def writes(self) -> bool:
        """True where it is no mere question."""
        return self.method in _WRITING

    @property
    def takes_key(self) -> bool:
        """True where it takes an idempotency key."""
        return self.writes and not self.kind.unkept

    def slugs(self) -> list[str]:
        """Return every problem that it may answer."""
        found = set(self.problems) | {"internal"}
        if not self.access.public:
            found |= {"unauthenticated", "validation-failed", "unavailable"}
        if self.access.roles or self.writes:
            found.add("forbidden")
        if "<" in self.rule:
            found.add("not-found")
        if self.writes:
            found |= _OF_WRITING
        if self.takes_key:
            found.add("idempotency-conflict")
        return sorted(found)

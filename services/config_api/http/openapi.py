"""OpenAPI 3.1 objects of the operations, from their declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.config_api.domain.setting_id import PATTERN
from services.config_api.formats.schema import Word
from services.config_api.http.examples import CONNECTION_TEST, PROVIDER, TOKEN, problem_example
from services.config_api.http.operation import PROBLEM_TYPE, SCHEMAS, header_refs
from services.config_api.http.problem_texts import PROBLEMS
from services.config_api.http.query import schema_of
from services.config_api.http.schemas.rules import Line
from services.config_api.http.schemas.shapes import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apispec import APISpec
    from marshmallow import Schema
    from marshmallow.fields import Field

    from services.config_api.http.operation import Operation

VERSION = "3.1.0"
DESCRIPTION = (
    "The SMTP settings of tenants: changed by administrators, proven by connection tests, read by"
    " other services. Every refusal is a problem (RFC 9457) whose `type` is"
    " `urn:relaybook:problem:<slug>`; `Accept-Language` chooses English or Japanese."
)
_ALSO_422 = "idempotency-conflict"
_UNPROCESSABLE = 422
_LINE = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
_IN_PATH: tuple[dict[str, Any], ...] = (
    {
        "name": "setting_id",
        "in": "path",
        "description": "The ID of a tenant, hence of its setting.",
        "schema": {"type": "string", "pattern": f"^{PATTERN}$"},
        "example": "acme",
    },
    {
        "name": "test_id",
        "in": "path",
        "description": "The id of a connection test.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
        "example": CONNECTION_TEST["id"],
    },
    {
        "name": "token_id",
        "in": "path",
        "description": "The id of a token, which is not its text.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
        "example": TOKEN["id"],
    },
    {
        "name": "provider_id",
        "in": "path",
        "description": "The id of an OAuth provider.",
        "schema": {"type": "string", "pattern": f"^{PATTERN}$"},
        "example": PROVIDER["id"],
    },
    {
        "name": "position",
        "in": "path",
        "description": "The place of an event in the whole store.",
        "example": 17,
    },
)

#: Name → description, schema, whether an answer that declares it always has it.
_HEADERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "Trace-Id": (
        "The trace that the request belongs to (W3C Trace Context).",
        {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        True,
    ),
    "ETag": ("The version of what is answered.", {"type": "string", "pattern": '^".+"$'}, False),
    "Location": (
        "Where the new thing is.",
        {"type": "string", "format": "uri-reference"},
        True,
    ),
    "Link": ('The next page, `rel="next"` (RFC 8288), where there is one.', TEXT, False),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0}, True),
    "WWW-Authenticate": ("How to say who asks (RFC 6750).", TEXT, True),
    "Accept": ("The media types that are taken here.", TEXT, False),
    "Accept-Post": ("The media types that are taken here.", TEXT, False),
    "Content-Language": (
        "The language of title and detail.",
        {"type": "string", "enum": ["en", "ja"]},
        True,
    ),
    "Cache-Control": ("`no-store`: nothing on the way may keep it.", TEXT, True),
    "Content-Disposition": ("How to show it, and its name as a file.", TEXT, False),
    "Idempotent-Replayed": (
        "`true` where this is the first answer to the same Idempotency-Key, again.",
        {"type": "string", "const": "true"},
        False,
    ),
}
#: Status → the headers that its problems have beside those of every problem.
_OF_STATUS = {
    401: ("WWW-Authenticate",),
    415: ("Accept", "Accept-Post"),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

_TAG = '(W/)?"[!#-~]*"'
_TAGS = rf"^(\*|{_TAG}( *, *{_TAG})*)$"
#: Name → header, description, whether it is required, what its value looks like.
_PARAMETERS: dict[str, tuple[str, str, bool, dict[str, Any]]] = {
    "IfMatch": (
        "If-Match",
        "The ETag that the change is based on, or `*`.",
        True,
        {"pattern": _TAGS},
    ),
    "IfNoneMatch": ("If-None-Match", "An ETag that the asker has already.", False, {}),
    "IfMatchUnlessDeleted": (
        "If-Match",
        "The ETag of the setting that is there, or `*`; not for one that was deleted.",
        False,
        {"pattern": _TAGS},
    ),
    "IfNoneMatchWhereDeleted": (
        "If-None-Match",
        "`*` for a setting that was deleted.",
        False,
        {},
    ),
    "IdempotencyKey": (
        "Idempotency-Key",
        "The same key gets the same answer for 24 h.",
        False,
        {"pattern": "^[!-~]{1,255}$"},
    ),
    "Passphrase": (
        "Relaybook-Passphrase",
        "The passphrase of a sealed file; one beyond ASCII as `UTF-8''%E5…` (RFC 8187).",
        False,
        {},
    ),
    "LastEventId": (
        "Last-Event-ID",
        "The id of the last event that was received.",
        False,
        {"pattern": "^[0-9]{1,19}$"},
    ),
}


def describe_components(
    spec: APISpec, requests: Mapping[str, Schema], answers: Mapping[str, dict[str, Any]]
) -> None:
    """Add what the operations share to a specification."""
    for name, sent in requests.items():
        spec.components.schema(name, schema=sent)
    for name, answered in answers.items():
        spec.components.schema(name, answered)
    for name, (description, schema, always) in _HEADERS.items():
        told = {"description": description, "schema": schema, "required": always}
        spec.components.header(name.replace("-", ""), told)
    for name, (header, description, required, shape) in _PARAMETERS.items():
        documented = {
            "name": header,
            "description": description,
            "required": required,
            "schema": TEXT | shape,
        }
        spec.components.parameter(name, "header", documented)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    session = {"type": "apiKey", "in": "cookie", "name": "relaybook"}
    spec.components.security_scheme("session", session)


def describe_words(
    _converter: object,
    field: Field[Any],
    **_described: object,
) -> dict[str, Any]:
    """Return what apispec does not know of a field: words that rules take, the form of a line."""
    if any(isinstance(rule, Line) for rule in field.validators):
        return {"pattern": _LINE}
    if not isinstance(field, Word):
        return {}
    blank = [""] if field.or_blank else []
    return {"enum": [*field.options, *blank, *([None] if field.allow_none else [])]}


def describe_operation(operation: Operation, operation_id: str) -> dict[str, Any]:
    """Return the OpenAPI operation object of a declaration."""
    named = [*operation.headers, *(["IdempotencyKey"] if operation.takes_key else [])]
    described: dict[str, Any] = {
        "operationId": operation_id,
        "security": [] if operation.access.public else [{"token": []}, {"session": []}],
        "parameters": [{"in": "query", "schema": schema_of(operation.query)}, *named],
        "responses": _responses(operation),
    }
    if operation.access.roles:
        described["x-roles"] = list(operation.access.roles)
    if operation.body is not None:
        described["requestBody"] = operation.body.document()
    return described


def path_parameters(rule: str) -> list[dict[str, Any]]:
    """Return what is said of the parameters of a route, beside what its converters say."""
    return [dict(told) for told in _IN_PATH if f"{told['name']}>" in rule]


def _responses(operation: Operation) -> dict[str, Any]:
    described = {str(good.status): good.document() for good in operation.good}
    by_status: dict[int, list[str]] = {}
    for slug in operation.slugs():
        by_status.setdefault(PROBLEMS[slug][0], []).append(slug)
        if slug == _ALSO_422:
            by_status.setdefault(_UNPROCESSABLE, []).append(slug)
    for status, slugs in sorted(by_status.items()):
        described[str(status)] = _problem(status, slugs)
    if operation.takes_key:
        for answer in described.values():
            answer["headers"] |= header_refs("Idempotent-Replayed")
    return described


def _problem(status: int, slugs: list[str]) -> dict[str, Any]:
    media = {
        "schema": {"$ref": SCHEMAS + "Problem"},
        "examples": {slug: {"value": problem_example(slug, status)} for slug in slugs},
    }
    return {
        "description": "; ".join(f"`{slug}`: {PROBLEMS[slug][1]}" for slug in slugs),
        "headers": header_refs("Trace-Id", "Content-Language", *_OF_STATUS.get(status, ())),
        "content": {PROBLEM_TYPE: media},
    }

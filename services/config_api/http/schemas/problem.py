"""What a refusal looks like (RFC 9457)."""

from __future__ import annotations

from services.config_api.http.problem_texts import PROBLEMS as SLUGS
from services.config_api.http.schemas.shapes import (
    TEXT,
    Schema,
    array,
    closed,
    mapping,
    one_of,
    ref,
)

PROBLEMS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "trace_id"],
        "properties": {
            "type": one_of(*(f"urn:relaybook:problem:{slug}" for slug in SLUGS)),
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "errors": array(ref("FieldError")),
            "plan": ref("ImportPlan"),
        },
    },
    "FieldError": closed(
        {
            "pointer": {
                "type": "string",
                "format": "json-pointer",
                "description": "The wrong field of the body (RFC 6901); empty for the body as a"
                " whole, and where `parameter` or `header` names what is wrong.",
            },
            "code": TEXT,
            "detail": TEXT,
            "parameter": TEXT | {"description": "The wrong query parameter."},
            "header": TEXT | {"description": "The wrong header of the request."},
            "fix": mapping({})
            | {"description": "The change of the body's members that would mend it."},
        },
        optional=("parameter", "header", "fix"),
    ),
}

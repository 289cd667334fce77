"""What the forms of users and tokens share: roles, tenants, and errors at their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from services.config_api.formats.schema_errors import read_shape
from services.config_api.http.failures import field_errors
from services.config_api.http.problems import invalid
from services.config_api.web.pages.frame import problem_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marshmallow import Schema

    from services.config_api.http.problems import Problem


def tenants_typed() -> list[str] | None:
    """Return the tenants that were typed, one a line or between spaces; None for all."""
    return list(dict.fromkeys(request.form.get("tenants", "").replace(",", " ").split())) or None


def checked(schema: Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document as the API would take them; raises Problem."""
    fields, errors = read_shape(schema, dict(document))
    if errors:
        raise invalid(field_errors(errors))
    return fields


def refusal(problem: Problem | None, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form shows of a refusal: `error`, `errors` by field, and their `summary`."""
    error = problem_document(problem) if problem else None
    errors: dict[str, list[dict[str, Any]]] = {}
    for one in (error or {}).get("errors", ()):
        errors.setdefault(one["pointer"].strip("/").split("/")[0], []).append(one)
    summary = [
        {"field": field, "name": names.get(field, field), "detail": each["detail"]}
        for field, found in errors.items()
        for each in found
    ]
    return {"error": error, "errors": errors, "summary": summary}

"""What describes the service: OpenAPI 3.1, a page made from it without any script, AsyncAPI 3."""

from __future__ import annotations

import json
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, render_template, url_for
from werkzeug.routing import BuildError

from events.bus.asyncapi import ASYNCAPI, asyncapi_document
from services.config_api.http.commands import json_response
from services.config_api.http.description import described, product_version
from services.config_api.http.guard import PUBLIC
from services.config_api.http.openapi import VERSION
from services.config_api.http.operation import Good, Operation
from services.config_api.http.resources import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

_BASE_URL = "relaybook-openapi-base-url"
_STYLESHEET = "vendor/tabler/tabler.min.css"
_DESCRIPTION = Operation(
    method="GET",
    rule="/openapi.json",
    access=PUBLIC,
    good=[
        Good(
            status=200,
            description="This document.",
            schema="Description",
            example={"openapi": VERSION},
        )
    ],
)
_BUS = Operation(
    method="GET",
    rule="/asyncapi.json",
    access=PUBLIC,
    good=[
        Good(
            status=200,
            description="What travels over the bus.",
            schema="BusDescription",
            example={"asyncapi": ASYNCAPI},
        )
    ],
)
#: Whoever asks while the document is made waits for it, instead of making it as well.
_MAKING = Lock()
docs = Blueprint("docs", __name__, template_folder="templates")


@SERVICE.serve(_DESCRIPTION)
def read_description() -> Response:
    """Answer this description."""
    text = _text(current_app.extensions[_BASE_URL])
    return Response(text, content_type="application/json")


@SERVICE.serve(_BUS)
def read_bus_description() -> Response:
    """Answer the description of the bus."""
    return json_response(asyncapi_document(product_version()))


@docs.get("/docs")
@PUBLIC
def page() -> str:
    """Answer the description as a page."""
    told = description(current_app)
    operations = list(_operations(told))
    tags = [
        tag | {"operations": [one for one in operations if one["tag"] == tag["name"]]}
        for tag in told["tags"]
    ]
    return render_template(
        "docs.html",
        info=told["info"],
        tags=tags,
        schemas=told["components"]["schemas"],
        description=url_for("service.read_description"),
        bus=url_for("service.read_bus_description"),
        stylesheet=_stylesheet(),
    )


def offer(app: Flask, base_url: str) -> None:
    """Let the page, and who asks for the document, have it, as a service at this URL answers it."""
    app.extensions[_BASE_URL] = base_url


def description(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an app; it is made when somebody first asks for it."""
    with _MAKING:
        return described(app.extensions[_BASE_URL])


def _text(base_url: str) -> str:
    """Return the same as JSON: it is large and public, and written once."""
    with _MAKING:
        return _written(base_url)


@lru_cache(maxsize=1)
def _written(base_url: str) -> str:
    return json.dumps(described(base_url), ensure_ascii=False, separators=(",", ":"))


def _stylesheet() -> str | None:
    try:
        return url_for("web.static_file", path=_STYLESHEET)
    except BuildError:
        return None  # an app without the web client


def _operations(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in told["paths"].items():
        inherited = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                yield _operation(told, path, method, operation, inherited)


def _operation(
    told: Mapping[str, Any],
    path: str,
    method: str,
    operation: Mapping[str, Any],
    inherited: list[dict[str, Any]],
) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    parameters = [_resolved(told, one) for one in [*inherited, *operation["parameters"]]]
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "who": _who(operation),
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "required": one.get("required", False),
                "description": one.get("description", ""),
            }
            for one in parameters
        ],
        "takes": ", ".join(body),
        "example": next((one["example"] for one in body.values() if "example" in one), None),
        "answers": [_answer(status, one) for status, one in operation["responses"].items()],
    }


def _who(operation: Mapping[str, Any]) -> str:
    if not operation["security"]:
        return "anybody"
    return ", ".join(operation.get("x-roles", ())) or "anybody who is signed in"


def _answer(status: str, response: Mapping[str, Any]) -> dict[str, Any]:
    shapes = (one["schema"]["$ref"] for one in response.get("content", {}).values())
    schema = next(shapes, "").rpartition("/")[2]
    return {"status": status, "description": response["description"], "schema": schema}


def _resolved(told: Mapping[str, Any], parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = told["components"]["parameters"][name] if name else parameter
    return found

"""Holds answers against the description that the service gives of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from services.config_api.http.docs import description

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

_ITSELF = "/v1/openapi.json"
_CONVERTER = re.compile(r"<(?:[^:<>]*:)?([a-z_]+)>")


def assert_described(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Assert that a JSON answer of the API has a status and a shape that are described."""
    if not path.startswith("/v1/") or path == _ITSELF or method in {"HEAD", "OPTIONS"}:
        return
    if answer.status_code in {404, 405, 500} or not answer.is_json:
        return
    response = _operation(app, method, path)["responses"].get(str(answer.status_code))
    assert response is not None, f"{method} {path}: {answer.status_code} is not described"
    schema = response["content"][answer.mimetype]["schema"]
    document: dict[str, Any] = description(app)
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(answer.get_json())


def _operation(app: Flask, method: str, path: str) -> dict[str, Any]:
    rule, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method, return_rule=True)
    described: dict[str, Any] = description(app)["paths"]
    operation: dict[str, Any] = described[_CONVERTER.sub(r"{\1}", rule.rule)][method.lower()]
    return operation

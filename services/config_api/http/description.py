"""Makes the OpenAPI document from the resources; the app that serves them is all it needs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask

from services.config_api.http.api import ProblemApi
from services.config_api.http.openapi import (
    DESCRIPTION,
    VERSION,
    describe_components,
    describe_words,
)
from services.config_api.http.resources import RESOURCES
from services.config_api.http.schemas import SCHEMAS
from services.config_api.http.schemas.requests import REQUESTS

_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def product_version() -> str:
    """Return the version of the installed product, `0` where it runs from a bare checkout."""
    try:
        return version("relaybook")
    except PackageNotFoundError:
        return "0"


def add_operations(app: Flask, base_url: str) -> dict[str, Any]:
    """Add every operation to an app and return the OpenAPI document that describes them.

    The modules that hold the operations must have been imported, as `http.app` does.
    """
    app.config.update(API_TITLE="Relaybook", API_VERSION=product_version(), OPENAPI_VERSION=VERSION)
    info = {"description": DESCRIPTION, "license": _LICENSE}
    api = ProblemApi(app, spec_kwargs={"info": info})
    api.ma_plugin.converter.add_attribute_function(describe_words)
    describe_components(api.spec, REQUESTS, SCHEMAS)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    described: dict[str, Any] = api.spec.to_dict() | {"servers": [{"url": base_url}]}
    return described

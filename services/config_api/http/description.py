"""Makes the OpenAPI document from the resources, whose routes an app serves without it."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]  # it has no types

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


class _Description(Api):  # type: ignore[misc]  # the same
    """The document alone: errors are answered elsewhere, and described with each operation."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


@lru_cache(maxsize=1)
def described(base_url: str) -> dict[str, Any]:
    """Return the OpenAPI document of a service at a URL; the first time takes a tenth of a second.

    The modules that hold the operations must have been imported, as `http.app` does.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(API_TITLE="Relaybook", API_VERSION=product_version(), OPENAPI_VERSION=VERSION)
    info = {"description": DESCRIPTION, "license": _LICENSE}
    api = _Description(app, spec_kwargs={"info": info})
    api.ma_plugin.converter.add_attribute_function(describe_words)
    describe_components(api.spec, REQUESTS, SCHEMAS)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    document: dict[str, Any] = api.spec.to_dict() | {"servers": [{"url": base_url}]}
    return document

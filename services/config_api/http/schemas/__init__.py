"""JSON Schemas (2020-12) of what the API answers, by their names in OpenAPI."""

from __future__ import annotations

from typing import Any

from services.config_api.http.schemas.access import ACCESS
from services.config_api.http.schemas.connection_test import CONNECTION_TESTS
from services.config_api.http.schemas.credentials import CREDENTIALS
from services.config_api.http.schemas.detections import DETECTIONS
from services.config_api.http.schemas.events import EVENTS
from services.config_api.http.schemas.exports import EXPORTS
from services.config_api.http.schemas.history import HISTORY
from services.config_api.http.schemas.imports import IMPORTS
from services.config_api.http.schemas.oauth_providers import OAUTH_PROVIDERS
from services.config_api.http.schemas.problem import PROBLEMS
from services.config_api.http.schemas.smtp_setting import SMTP_SETTINGS
from services.config_api.http.schemas.webhooks import WEBHOOKS

SCHEMAS: dict[str, dict[str, Any]] = {
    **PROBLEMS,
    **SMTP_SETTINGS,
    **CREDENTIALS,
    **HISTORY,
    **CONNECTION_TESTS,
    **DETECTIONS,
    **IMPORTS,
    **EXPORTS,
    **EVENTS,
    **OAUTH_PROVIDERS,
    **WEBHOOKS,
    **ACCESS,
}

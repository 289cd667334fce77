"""The credentials of the setting that applies to a tenant, for the services that send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from events.smtp_setting import PASSWORD
from services.config_api.http.commands import (
    json_response,
    query_context,
    refuse_unknown_parameters,
)
from services.config_api.http.current import relaybook
from services.config_api.http.examples import CREDENTIALS
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.operation import Good, Operation
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.read_model.documents import instant

if TYPE_CHECKING:
    from services.config_api.application.credentials import Credential

_READ = Operation(
    method="GET",
    rule="/smtp-settings/<setting_id>/credentials",
    access=requires("credentials"),
    good=[
        Good(
            status=200,
            description="Where to sign in, and with what: `password`, null where the setting has"
            " none, or for the method `access_token` a fresh `access_token`. An event"
            " of the stream `access-<id>` tells of it before it is answered.",
            schema="Credentials",
            headers=("Cache-Control",),
            example=CREDENTIALS,
        )
    ],
    problems=("not-found", "secret-required", "validation-failed"),
)


@SMTP_SETTINGS.serve(_READ)
def read_smtp_setting_credentials(setting_id: str) -> Response:
    """Read the secrets of the setting that applies to a tenant."""
    require_sight(setting_id, no_setting(setting_id))
    refuse_unknown_parameters()
    credential = relaybook().credentials.read(setting_id, query_context())
    response = json_response(_document(credential))
    response.headers["Cache-Control"] = "no-store"
    return response


def _document(credential: Credential) -> dict[str, Any]:
    values = credential.values
    revealed = {field: secret.reveal() for field, secret in credential.secrets.items()}
    password = revealed.pop(PASSWORD, None)
    token = credential.token
    signs_in_with: dict[str, Any] = (
        {"password": password}
        if token is None
        else {"access_token": token.text.reveal(), "expires_at": instant(token.expires_at)}
    )
    return {
        "id": credential.setting_id,
        "resolved_from": credential.resolved_from,
        "version": credential.version,
        "host": values.host,
        "port": values.port,
        "security": values.security,
        "method": values.auth.method,
        "user": values.auth.user,
        "mechanism": values.auth.mechanism,
        **signs_in_with,
        "session_properties": revealed,
    }

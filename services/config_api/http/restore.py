"""An earlier version of a setting comes back, also of one that was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from events.smtp_setting import PASSWORD
from services.config_api.application.loading import load_setting
from services.config_api.application.restoring import Restore
from services.config_api.domain.errors import SettingThere
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import Absent, AnyVersion
from services.config_api.formats.schema_errors import read_shape
from services.config_api.http.bodies import JSON, json_body
from services.config_api.http.commands import carried_out, setting_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import expected_version
from services.config_api.http.examples import SETTING
from services.config_api.http.failures import field_errors, no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.problems import Problem, invalid
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.http.schemas.requests import RESTORE_REQUEST

if TYPE_CHECKING:
    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_commands import ExpectedSetting

_RESTORE = Operation(
    method="POST",
    rule="/smtp-settings/<setting_id>/restore",
    access=requires("operator"),
    good=[
        Good(
            status=200,
            description="The setting with the values of that version, as a version of its own.",
            schema="SmtpSetting",
            headers=("ETag",),
            example=SETTING,
        )
    ],
    problems=("not-found", "precondition-required", "version-conflict", "secret-required"),
    headers=("IfMatchUnlessDeleted", "IfNoneMatchWhereDeleted"),
    body=Body(media_types=(JSON,), schema="RestoreRequest", example={"version": 1}),
)


@SMTP_SETTINGS.serve(_RESTORE)
def restore_smtp_setting(setting_id: str) -> Response:
    """Restore an earlier version, with the secret that belonged to it or another password."""
    require_sight(setting_id, no_setting(setting_id))
    current = load_setting(relaybook().store, setting_id)
    if current.version == 0:
        raise no_setting(setting_id)
    document = json_body()
    expected = _expected(current)
    fields, errors = read_shape(RESTORE_REQUEST, document)
    if errors:
        raise invalid(field_errors(errors))
    asked = Restore(version=fields["version"], expected=expected, given=_given(fields))
    settings = relaybook().smtp_settings
    return carried_out(lambda ctx: settings.restore(setting_id, asked, ctx), setting_response)


def _given(fields: dict[str, str | None]) -> dict[str, Secret | None]:
    if PASSWORD not in fields:
        return {}
    password = fields[PASSWORD]
    return {PASSWORD: None if password is None else Secret(password)}


def _expected(current: SettingState) -> ExpectedSetting | Absent:
    """Return what the request expects: a version, or that the setting was deleted.

    Raises Problem `precondition-required` where it says neither, `version-conflict` where it is
    not so; SettingThere.
    """
    comes_back = request.headers.get("If-None-Match", "").strip() == "*"
    matches = request.headers.get("If-Match", "").strip()
    if not comes_back and not matches:
        raise Problem("precondition-required", "if_match_or_deleted")
    if current.exists:
        if comes_back:
            raise SettingThere(current.setting_id, current.version)
        version = expected_version(current.version)
        return AnyVersion.ANY if version is None else version
    if matches:  # RFC 9110: not even `*` matches what is not there
        raise Problem("version-conflict", "setting_deleted")
    return Absent.ABSENT

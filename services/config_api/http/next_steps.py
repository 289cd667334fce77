"""What can be done with a setting that was just registered, as links of the API's description."""

from __future__ import annotations

from services.config_api.http.operation import Link

_ID = {"path.setting_id": "$response.body#/id"}
_VERSION = {"header.If-Match": "$response.header.ETag"}

NEXT_STEPS = (
    Link(operation_id="read_smtp_setting", parameters=_ID),
    Link(operation_id="replace_smtp_setting", parameters=_ID | _VERSION),
    Link(operation_id="change_smtp_setting", parameters=_ID | _VERSION),
    Link(operation_id="delete_smtp_setting", parameters=_ID | _VERSION),
    Link(operation_id="read_effective_setting", parameters=_ID),
    Link(operation_id="read_smtp_setting_history", parameters=_ID),
    Link(operation_id="restore_smtp_setting", parameters=_ID | _VERSION),
    Link(
        operation_id="compare_smtp_setting_versions",
        parameters=_ID
        | {"query.from": "$response.body#/version", "query.to": "$response.body#/version"},
    ),
)

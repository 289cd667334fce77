"""One tenant's setting: read, replace, change, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, request

from services.config_api.formats.document import read_setting
from services.config_api.http.bodies import JSON, MERGE_PATCH, json_body, no_fields
from services.config_api.http.commands import carried_out, empty, json_response, setting_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import expected_version, tagged, version_tag
from services.config_api.http.examples import NEW_SETTING, SETTING
from services.config_api.http.failures import no_setting, wrong
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.query import choice, moment, read_query
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.read_model.documents import setting_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.config_api.domain.setting import SettingState
    from services.config_api.read_model.queries import StoredDocument

_RULE = "/smtp-settings/<setting_id>"
_ONE = Good(
    status=200,
    description="The setting.",
    schema="SmtpSetting",
    headers=("ETag",),
    example=SETTING,
)
_CHANGES = ("not-found", "precondition-required", "version-conflict", "secret-required")

_READ = Operation(
    method="GET",
    rule=_RULE,
    access=requires("reader"),
    good=[_ONE, Good(status=304, description="What the asker has is still so.", headers=("ETag",))],
    problems=("not-found",),
    query=(
        moment("at", "The setting as it was at a position or an instant."),
        choice("expand", "Also answer the last test; then without ETag.", "last_test"),
    ),
    headers=("IfNoneMatch",),
)
_REPLACE = Operation(
    method="PUT",
    rule=_RULE,
    access=requires("operator"),
    good=[_ONE],
    problems=_CHANGES,
    headers=("IfMatch",),
    body=Body(media_types=(JSON,), schema="SmtpSettingFields", example=NEW_SETTING),
)
_CHANGE = Operation(
    method="PATCH",
    rule=_RULE,
    access=requires("operator"),
    good=[_ONE],
    problems=_CHANGES,
    headers=("IfMatch",),
    body=Body(media_types=(MERGE_PATCH, JSON), schema="SmtpSettingPatch", example={"port": 465}),
)
_DELETE = Operation(
    method="DELETE",
    rule=_RULE,
    access=requires("operator"),
    good=[Good(status=204, description="It is gone.")],
    problems=("not-found", "precondition-required", "version-conflict", "default-protected"),
    headers=("IfMatch",),
)


@SMTP_SETTINGS.serve(_READ)
def read_smtp_setting(setting_id: str) -> Response:
    """Read one setting."""
    require_sight(setting_id, no_setting(setting_id))  # before anything is said of what is asked
    stored = None if "at" in request.args else found(setting_id)
    asked = read_query(_READ.query)
    if stored is None:
        return _as_it_was(setting_id, asked["at"], with_test=asked["expand"] is not None)
    if asked["expand"] is not None:
        return _with_last_test(setting_id, stored)
    return tagged(Response(stored.document, content_type=JSON), version_tag(stored.version))


@SMTP_SETTINGS.serve(_REPLACE)
def replace_smtp_setting(setting_id: str) -> Response:
    """Replace a setting as a whole; what is left out gets its default, the password stays."""
    current = _current(setting_id)
    document = json_body()
    expected = expected_version(current.version)
    settings = relaybook().smtp_settings
    _, draft = read_setting(
        document,
        path_id=setting_id,
        known_providers=settings.known_providers(),
        at=relaybook().clock(),
    )
    return carried_out(
        lambda ctx: settings.replace(setting_id, draft, expected, ctx, current), setting_response
    )


@SMTP_SETTINGS.serve(_CHANGE)
def change_smtp_setting(setting_id: str) -> Response:
    """Change some fields of a setting by a JSON merge patch (RFC 7396)."""
    current = _current(setting_id)
    document = json_body((MERGE_PATCH, JSON))
    expected = expected_version(current.version)
    patch = _patch(document, setting_id)
    settings = relaybook().smtp_settings
    return carried_out(
        lambda ctx: settings.patch(setting_id, patch, expected, ctx, current), setting_response
    )


@SMTP_SETTINGS.serve(_DELETE)
def delete_smtp_setting(setting_id: str) -> Response:
    """Delete a setting."""
    current = _current(setting_id)
    no_fields()
    expected = expected_version(current.version)
    settings = relaybook().smtp_settings
    return carried_out(
        lambda ctx: settings.delete(setting_id, expected, ctx, current), lambda _: empty()
    )


def found(setting_id: str) -> StoredDocument:
    """Return a stored setting; raises Problem `not-found` where it is not there for the caller."""
    require_sight(setting_id, no_setting(setting_id))
    stored = relaybook().read_model.setting(setting_id)
    if stored is None:
        raise no_setting(setting_id)
    return stored


def _current(setting_id: str) -> SettingState:
    """Return a setting as its stream is now; raises Problem as `found` does."""
    require_sight(setting_id, no_setting(setting_id))
    state = relaybook().smtp_settings.current(setting_id)
    if not state.exists:
        raise no_setting(setting_id)
    return state


def _patch(document: object, setting_id: str) -> Mapping[str, Any]:
    """Return a merge patch for a setting; its fields are checked when it is applied."""
    if not isinstance(document, dict):
        raise wrong("", "wrong_type", expected="object")
    if document.get("id", setting_id) != setting_id:
        raise wrong("/id", "id_differs", path_id=setting_id)
    return document


def _as_it_was(setting_id: str, at: int | datetime, *, with_test: bool) -> Response:
    history = relaybook().history
    position = history.position(at)
    state = history.setting_at(setting_id, position)
    if not state.exists:
        raise no_setting(setting_id)
    if with_test:
        last_test = history.last_test_at(setting_id, position)
        told = last_test.document() if last_test else None
        return json_response(setting_document(state) | {"last_test": told})
    return tagged(json_response(setting_document(state)), version_tag(state.version))


def _with_last_test(setting_id: str, stored: StoredDocument) -> Response:
    last_test = relaybook().read_model.last_test(setting_id)
    told = json.dumps(last_test.document() if last_test else None)
    return Response(f'{stored.document[:-1]},"last_test":{told}}}', content_type=JSON)

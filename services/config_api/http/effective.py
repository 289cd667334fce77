"""The setting that applies to a tenant: its own, otherwise the one of the ID `default`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from services.config_api.application.loading import load_setting_in_force
from services.config_api.domain.effective import effective_properties
from services.config_api.http.commands import json_response
from services.config_api.http.current import relaybook
from services.config_api.http.etags import tagged
from services.config_api.http.examples import EFFECTIVE_SETTING, RENDERED_TEXT
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.language import asked_language
from services.config_api.http.operation import Good, Operation
from services.config_api.http.query import choice, read_query
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.read_model.documents import setting_document
from services.config_api.rendering.registry import TARGETS
from services.config_api.rendering.sending import sending_of

if TYPE_CHECKING:
    from events.smtp_setting import SettingValues
    from services.config_api.domain.setting import SettingState

_NOT_RENDERED = "none"

_ABOUT_RENDER = (
    "Write the setting as the configuration of a program or library, with placeholders for "
    "secrets, as plain text (`nodemailer`: as JSON)."
)

_EFFECTIVE = Operation(
    method="GET",
    rule="/smtp-settings/<setting_id>/effective",
    access=requires("reader"),
    good=[
        Good(
            status=200,
            description="The setting in force, with every session property and its source; with "
            "`render` the text of a target.",
            schema="EffectiveOrRendered",
            also={"text/plain": "RenderedText"},
            headers=("ETag", "Content-Disposition"),
            example=EFFECTIVE_SETTING,
            examples={"text/plain": RENDERED_TEXT},
        ),
        Good(status=304, description="What the asker has is still so.", headers=("ETag",)),
    ],
    problems=("not-found", "validation-failed"),
    query=(choice("render", _ABOUT_RENDER, *TARGETS),),
    headers=("IfNoneMatch",),
)


@SMTP_SETTINGS.serve(_EFFECTIVE)
def read_effective_setting(setting_id: str) -> Response:
    """Read the setting that applies to a tenant."""
    require_sight(setting_id, no_setting(setting_id))
    state = load_setting_in_force(relaybook().store, setting_id)
    if state.values is None:
        raise no_setting(setting_id)
    target = read_query(_EFFECTIVE.query)["render"]
    if target is not None:
        return _rendered(state, state.values, target)
    document = setting_document(state) | {
        "id": setting_id,
        "resolved_from": state.setting_id,
        "session_properties": effective_properties(state.values),
    }
    return tagged(json_response(document), _tag(state, _NOT_RENDERED))


def _rendered(state: SettingState, values: SettingValues, name: str) -> Response:
    """Return the text of a target; its comments are in the language that is asked for.

    A text in another language than English is another representation, so its tag says so.
    """
    target, language = TARGETS[name], asked_language()
    text = target.render(sending_of(state.setting_id, state.version, values), language)
    response = Response(text, content_type=target.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{target.filename}"'
    tag = _tag(state, name)
    if target.comments:
        response.headers["Content-Language"] = language
        tag = tag if language == "en" else f"{tag}-{language}"
    response = tagged(response, tag)
    response.vary.add("Accept-Language")
    return response


def _tag(state: SettingState, render: str) -> str:
    return f"{state.setting_id}-v{state.version}-{render}"

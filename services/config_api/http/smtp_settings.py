"""The settings of all tenants: list and register."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from services.config_api.formats.document import read_setting
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_body
from services.config_api.http.commands import carried_out, setting_response
from services.config_api.http.current import relaybook
from services.config_api.http.examples import NEW_SETTING, SETTING, SETTING_PAGE
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.next_steps import NEXT_STEPS
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.problems import Problem
from services.config_api.http.query import Query, read_query
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.http.setting_pages import (
    PATH,
    QUERY,
    WrittenPage,
    link_behind,
    page_of_now,
    settings_query,
    written,
)

if TYPE_CHECKING:
    from services.config_api.application.context import Answer

_LIST = Operation(
    method="GET",
    rule="/smtp-settings",
    access=requires("reader"),
    good=[
        Good(
            status=200,
            description="A page.",
            schema="SmtpSettingPage",
            headers=("Link",),
            example=SETTING_PAGE,
        )
    ],
    query=QUERY,
)
_REGISTER = Operation(
    method="POST",
    rule="/smtp-settings",
    access=requires("operator"),
    good=[
        Good(
            status=201,
            description="The registered setting.",
            schema="SmtpSetting",
            headers=("ETag", "Location"),
            example=SETTING,
            links=NEXT_STEPS,
        )
    ],
    problems=("already-exists",),
    body=Body(media_types=(JSON,), schema="NewSmtpSetting", example=NEW_SETTING),
)


@SMTP_SETTINGS.serve(_LIST)
def list_smtp_settings() -> Response:
    """List the settings, ordered by id."""
    asked, given = read_query(QUERY), request.args.to_dict()
    tenants = current_caller().principal.tenants
    if asked["at"] is None:
        return _page(page_of_now(relaybook().read_model, asked, given, tenants))
    past = relaybook().history.settings_at(settings_query(asked, tenants), asked["at"])
    page = past.page(after_id=asked["cursor"], limit=asked["limit"])
    return _page(written(page, past.count() if asked["count"] else None, asked, given))


@SMTP_SETTINGS.serve(_REGISTER)
def register_smtp_setting() -> Response:
    """Register the setting of a tenant that has none."""
    document = json_body()
    if isinstance(document, dict) and isinstance(document.get("id"), str):
        require_sight(document["id"], Problem("forbidden", "other_tenant"))
    settings = relaybook().smtp_settings
    known = settings.known_providers()
    setting_id, draft = read_setting(document, known_providers=known, at=relaybook().clock())
    return carried_out(lambda ctx: settings.register(setting_id, draft, ctx), _registered)


def _registered(answer: Answer) -> Response:
    response = setting_response(answer, 201)
    setting_id = (answer.document or {})["id"]
    response.headers["Location"] = f"{PATH}/{quote(setting_id, safe='@')}"
    return response


def _page(page: WrittenPage) -> Response:
    response = Response(page.body, content_type=JSON)
    if page.link is not None:
        response.headers["Link"] = page.link
    return response


def next_link(following: str, asked: Query) -> str:
    """Return the `Link` from the page that the request at hand asks for to the next one."""
    return link_behind(request.path, request.args, asked, following)

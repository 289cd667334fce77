"""The settings of all tenants: list and register."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote, urlencode

from flask import Response, request

from events.connection_test import Verdict
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
from services.config_api.http.query import (
    Query,
    boolean,
    choice,
    cursor,
    limit,
    moment,
    read_query,
    text,
)
from services.config_api.http.resources import SMTP_SETTINGS
from services.config_api.http.schemas.parameters import cursor_text
from services.config_api.read_model.listed import SettingsQuery

if TYPE_CHECKING:
    from services.config_api.application.context import Answer
    from services.config_api.read_model.listed import ListedSetting

PATH = "/v1/smtp-settings"

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
    query=(
        text("q", "A part of id, host or user, in any case."),
        boolean("is_default", "Only defaults, or only others."),
        choice("verdict", "Only those whose last test ended so.", *get_args(Verdict)),
        limit(),
        cursor(),
        moment("at", "The settings as they were at a position or an instant."),
        boolean("count", "Also answer `total`.", default=False),
    ),
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
    asked = read_query(_LIST.query)
    query = SettingsQuery(
        q=asked["q"],
        is_default=asked["is_default"],
        verdict=asked["verdict"],
        tenants=current_caller().principal.tenants,
    )
    after_id, most = asked["cursor"], asked["limit"]
    if asked["at"] is None:
        model = relaybook().read_model
        page = model.settings_page(query, after_id=after_id, limit=most)
        total = model.settings_count(query) if asked["count"] else None
    else:
        past = relaybook().history.settings_at(query, asked["at"])
        page = past.page(after_id=after_id, limit=most)
        total = past.count() if asked["count"] else None
    return _page([listed_json(item) for item in page.items], page.next_id, total, asked)


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


def listed_json(item: ListedSetting) -> str:
    """Return a setting of a list as JSON: its stored document, and its last test put in."""
    last_test = "null" if item.last_test is None else json.dumps(item.last_test.document())
    return f'{item.document[:-1]},"last_test":{last_test}}}'


def _registered(answer: Answer) -> Response:
    response = setting_response(answer, 201)
    setting_id = (answer.document or {})["id"]
    response.headers["Location"] = f"{PATH}/{quote(setting_id, safe='@')}"
    return response


def _page(items: list[str], next_id: str | None, total: int | None, asked: Query) -> Response:
    following = None if next_id is None else cursor_text(next_id)
    counted = "" if total is None else f',"total":{total}'
    body = f'{{"items":[{",".join(items)}],"next":{json.dumps(following)}{counted}}}'
    response = Response(body, content_type=JSON)
    if following is not None:
        response.headers["Link"] = next_link(following, asked)
    return response


def next_link(following: str, asked: Query) -> str:
    """Return the `Link` to the next page (RFC 8288): the same request with another cursor."""
    given = {name: value for name, value in request.args.items() if name != "cursor"}
    parameters = urlencode({**given, "limit": asked["limit"], "cursor": following})
    return f'<{request.path}?{parameters}>; rel="next"'

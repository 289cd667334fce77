"""The list of settings, one row a tenant; what is shown stands in the address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from flask import render_template, request, url_for

from events.connection_test import Verdict
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.guard import requires
from services.config_api.read_model.listed import SettingsQuery
from services.config_api.web.pages.frame import blueprint

if TYPE_CHECKING:
    from services.config_api.read_model.listed import ListedSetting, SettingsPage

PAGE_SIZE: Final = 50
_KINDS: Final = {"only": True, "other": False}
_LONGEST: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """One page and whether others lie before it."""

    found: SettingsPage
    has_before: bool


@blueprint.get("/settings")
@requires("reader")
def settings_list() -> str:
    """Show a page of settings that a search and filters find; what they do not know is passed over.

    `after` and `before` are the IDs that the page lies behind or in front of.
    """
    asked = _asked()
    query = _query(asked)
    page = _page(query)
    shown = [_row(item) for item in page.found.items]
    return render_template(
        "settings_list.html",
        items=shown,
        asked=asked,
        is_filtered=bool(asked),
        total=relaybook().read_model.settings_count(query),
        pages=_pages(page, shown, asked),
    )


def _asked() -> dict[str, str]:
    """Return what the address asks for, without what is empty or not known."""
    given = {name: request.args.get(name, "").strip() for name in ("q", "default", "verdict")}
    if given["default"] not in _KINDS:
        given["default"] = ""
    if given["verdict"] not in get_args(Verdict):
        given["verdict"] = ""
    return {name: text[:_LONGEST] for name, text in given.items() if text}


def _query(asked: dict[str, str]) -> SettingsQuery:
    verdict = asked.get("verdict")
    return SettingsQuery(
        q=asked.get("q"),
        is_default=_KINDS.get(asked.get("default", "")),
        verdict=None if verdict is None else cast("Verdict", verdict),
        tenants=current_caller().principal.tenants,
    )


def _page(query: SettingsQuery) -> _Page:
    model, before = relaybook().read_model, request.args.get("before")
    if before:
        page, has_before = model.settings_page_before(query, before_id=before, limit=PAGE_SIZE)
        if has_before:
            return _Page(found=page, has_before=True)
    after = None if before else request.args.get("after")
    page = model.settings_page(query, after_id=after or None, limit=PAGE_SIZE)
    return _Page(found=page, has_before=bool(after))


def _pages(page: _Page, shown: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of the pages around."""
    around: dict[str, str] = {}
    if page.has_before:
        around["first"] = url_for("web.settings_list", **asked)
        if shown:
            around["before"] = url_for("web.settings_list", **asked, before=shown[0]["id"])
    if page.found.next_id is not None:
        around["next"] = url_for("web.settings_list", **asked, after=page.found.next_id)
    return around


def _row(item: ListedSetting) -> dict[str, Any]:
    """Return a setting with its last test, and `tested`: how that stands to what is in force."""
    document: dict[str, Any] = json.loads(item.document)
    last = item.last_test
    if last is None:
        return document | {"last_test": None, "tested": None}
    tested = last.verdict if last.version == item.version else "changed"
    return document | {"last_test": last.document(), "tested": tested}

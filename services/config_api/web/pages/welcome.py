"""Where somebody who came in begins: the list, or on an empty installation what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, url_for

from services.config_api.http.auth import caller_if_known, current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.guard import PUBLIC, requires
from services.config_api.read_model.listed import SettingsQuery
from services.config_api.web.pages.frame import blueprint

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.domain.principal import Principal


@blueprint.get("/")
@PUBLIC
def home() -> BaseResponse:
    """Lead to where somebody begins."""
    known = caller_if_known()
    return redirect(beginning(known.principal) if known else url_for("web.settings_list"))


@blueprint.get("/welcome")
@requires("reader")
def welcome() -> str:
    """Show what can be done first."""
    principal = current_caller().principal
    return render_template("welcome.html", whole=principal.tenants is None)


def beginning(principal: Principal) -> str:
    """Return the address where somebody begins; raises StoreUnavailable."""
    query = SettingsQuery(tenants=principal.tenants)
    page = relaybook().read_model.settings_page(query, after_id=None, limit=1)
    is_empty = not page.items and principal.may("operator")
    return url_for("web.welcome" if is_empty else "web.settings_list")

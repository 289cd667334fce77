"""The list of settings, one row a tenant."""

from __future__ import annotations

import json

from flask import render_template, request

from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.guard import requires
from services.config_api.read_model.listed import SettingsQuery
from services.config_api.web.pages.frame import blueprint

PAGE_SIZE = 50


@blueprint.get("/settings")
@requires("reader")
def settings_list() -> str:
    """Show a page of settings; `q` searches, `cursor` is the ID that the page begins behind."""
    q = request.args.get("q", "").strip()
    query = SettingsQuery(q=q or None, tenants=current_caller().principal.tenants)
    page = relaybook().read_model.settings_page(
        query, after_id=request.args.get("cursor"), limit=PAGE_SIZE
    )
    items = [
        json.loads(row.document)
        | {"last_test": row.last_test.document() if row.last_test else None}
        for row in page.items
    ]
    return render_template("settings_list.html", items=items, q=q, next=page.next_id)

"""How the service is: what waits, how far everything is behind, which version runs."""

from __future__ import annotations

import platform
from typing import Final

from flask import render_template

from services.config_api.http.current import relaybook
from services.config_api.http.guard import requires
from services.config_api.http.me import status_document
from services.config_api.read_model.documents import instant
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint

_DATABASES: Final = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@blueprint.get("/status")
@requires("reader")
def system_status() -> str:
    """Show the state of the service; the page asks again every few seconds."""
    service = relaybook()
    database = service.read_engine.dialect.name
    return render_template(
        "status.html",
        status=status_document(service),
        database=_DATABASES.get(database, database),
        bus="RabbitMQ" if service.settings.broker_url else _("embedded"),
        python=platform.python_version(),
        now=instant(service.clock()),
    )

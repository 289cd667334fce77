"""What the request at hand can reach: the service behind the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook

EXTENSION = "relaybook"


def relaybook() -> Relaybook:
    """Return the service that the current app serves."""
    return cast("Relaybook", current_app.extensions[EXTENSION])

"""Builds the service from its settings and makes what it needs before it starts."""

from services.config_api.bootstrap.building import Relaybook, build, utc_now
from services.config_api.bootstrap.examination import examine
from services.config_api.bootstrap.finding import Finding
from services.config_api.bootstrap.logs import configure as configure_logging
from services.config_api.bootstrap.preparation import (
    NotMigrated,
    check,
    migrate,
    prepare,
    sign_in_url,
)

__all__ = [
    "Finding",
    "NotMigrated",
    "Relaybook",
    "build",
    "check",
    "configure_logging",
    "examine",
    "migrate",
    "prepare",
    "sign_in_url",
    "utc_now",
]

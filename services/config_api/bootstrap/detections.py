"""Builds what asks for detections."""

from __future__ import annotations

from datetime import timedelta

from events.store.sql.opening import OpenedStore
from services.config_api.application.attempts import DETECTIONS, Attempts
from services.config_api.application.detections import Detections
from services.config_api.settings import Settings


def build_detections(settings: Settings, opened: OpenedStore) -> Detections:
    """Return the commands on detections; an attempt has as long as one of a test."""
    return Detections(
        store=opened.store,
        wakeup=opened.wakeup,
        attempts=Attempts(engine=opened.engine, read_engine=opened.read_engine, work=DETECTIONS),
        deadline=timedelta(milliseconds=settings.probe_deadline_ms),
    )

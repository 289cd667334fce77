"""A detection, and the tester's task."""

from __future__ import annotations

from typing import get_args

from events.smtp_setting import Security
from services.config_api.http.schemas.shapes import (
    COUNT,
    INSTANT,
    TEXT,
    Schema,
    array,
    closed,
    nullable,
    one_of,
    ref,
)

DETECTIONS: dict[str, Schema] = {
    "Evidence": closed({"code": TEXT, "title": TEXT}),
    "Proposal": closed(
        {
            "host": TEXT,
            "port": {"type": "integer", "minimum": 1, "maximum": 65_535},
            "security": one_of(*get_args(Security)),
            "evidence": array(ref("Evidence")),
        }
    ),
    "Detection": closed(
        {
            "id": TEXT,
            "domain": TEXT,
            "state": one_of("queued", "running", "completed"),
            "proposals": array(ref("Proposal")),
            "notes": array(ref("Evidence")),
            "requested_by": TEXT,
            "requested_at": INSTANT,
            "finished_at": nullable(INSTANT),
            "attempts": COUNT,
        }
    ),
    "ClaimedDetection": closed(
        {"id": TEXT, "attempt": COUNT, "domain": TEXT, "deadline_ms": COUNT}
    ),
}

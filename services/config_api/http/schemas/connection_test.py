"""A connection test and the tester's task."""

from __future__ import annotations

from typing import get_args

from events.connection_test import Depth, StepName, StepState, Verdict
from services.config_api.http.schemas.shapes import (
    COUNT,
    FLAG,
    INSTANT,
    TEXT,
    VERSION,
    Schema,
    array,
    closed,
    mapping,
    nullable,
    one_of,
    page,
    ref,
)

_NUMBER = nullable({"type": "number"})
_DEPTH = one_of(*get_args(Depth))
_ANY = mapping({})

CONNECTION_TESTS: dict[str, Schema] = {
    "ConnectionTest": closed(
        {
            "id": TEXT,
            "setting_id": nullable(TEXT),
            "setting_version": nullable(VERSION),
            "draft": FLAG,
            "depth": _DEPTH,
            "state": one_of("queued", "running", "completed"),
            "verdict": nullable(one_of(*get_args(Verdict))),
            "code": nullable(TEXT),
            "step": nullable(one_of(*get_args(StepName))),
            "title": nullable(TEXT),
            "hint": nullable(TEXT),
            "fix": nullable(_ANY),
            "reply": nullable(ref("Reply")),
            "warnings": array(ref("Warning")),
            "steps": array(ref("Step")),
            "server": nullable(_ANY),
            "tls": nullable(_ANY),
            "transcript": array(ref("Line")),
            "requested_by": TEXT,
            "requested_at": INSTANT,
            "finished_at": nullable(INSTANT),
            "attempts": COUNT,
        }
    ),
    "ConnectionTestPage": page(ref("ConnectionTest")),
    "Step": closed(
        {
            "name": one_of(*get_args(StepName)),
            "state": one_of(*get_args(StepState)),
            "at_ms": _NUMBER,
            "duration_ms": _NUMBER,
            "detail": _ANY,
        }
    ),
    "Reply": closed({"code": {"type": "integer"}, "enhanced": nullable(TEXT), "text": TEXT}),
    "Line": closed({"from": one_of("client", "server"), "text": TEXT, "at_ms": {"type": "number"}}),
    "ClaimedTest": {"type": "object"},
    "EventStream": TEXT | {"description": "Server-sent events; the data of each is JSON."},
}

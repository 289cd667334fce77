"""A setting's history, and what differs between two of its versions."""

from __future__ import annotations

from events.catalogue import CATALOGUE
from events.smtp_setting import CATEGORY
from services.config_api.http.schemas.shapes import (
    INSTANT,
    TEXT,
    VERSION,
    Schema,
    array,
    closed,
    nullable,
    page,
    ref,
)

_TYPE: Schema = {
    "type": "string",
    "pattern": f"^{CATEGORY}\\.",
    "examples": [name for name in CATALOGUE if name.startswith(f"{CATEGORY}.")],
}
_CHANGES = array(ref("Change"))

HISTORY: dict[str, Schema] = {
    "SettingHistoryItem": closed(
        {
            "position": VERSION,
            "version": VERSION,
            "type": _TYPE,
            "id": TEXT,
            "recorded_at": INSTANT,
            "actor": TEXT,
            "source_ip": nullable(TEXT),
            "correlation_id": TEXT,
            "causation_id": nullable(TEXT),
            "changes": _CHANGES,
        }
    ),
    "SettingHistory": page(ref("SettingHistoryItem")),
    "SettingComparison": closed({"id": TEXT, "from": VERSION, "to": VERSION, "changes": _CHANGES}),
}

"""What every peer appends: one event of 600 bytes and, where it has rows, a setting of 1.1 KB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from events.envelope import NewEvent
from tests.bench._reads_data import document

_SAMPLES: Final = Path(__file__).parents[1] / "golden" / "events"
TYPE: Final = "smtp_setting.restored"
DATA: Final = (_SAMPLES / f"{TYPE}.v1.json").read_bytes()
TOLD: Final = json.loads(DATA)
_DOCUMENT: Final = document(1)


def a_new_event() -> NewEvent:
    """Return the event, with an ID of its own."""
    return NewEvent(type=TYPE, schema_version=1, tenant="acme", data=DATA)


def a_row(stream: str, version: int) -> dict[str, Any]:
    """Return the setting's row after the event."""
    return {
        "id": stream,
        "version": version,
        "is_default": False,
        "search": f"{stream}\nsmtp.acme.example",
        "document": _DOCUMENT,
    }

"""Events as CloudEvents 1.0 in JSON."""

from __future__ import annotations

from services.config_api.http.schemas.shapes import COUNT, INSTANT, TEXT, Schema, array, closed, ref

_POSITION: Schema = {"type": "string", "pattern": "^[1-9][0-9]*$"}

EVENTS: dict[str, Schema] = {
    "CloudEvent": {
        "type": "object",
        "required": [
            "specversion", "id", "source", "type", "subject", "time", "position",
            "streamversion", "actor", "correlationid", "data",
        ],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": TEXT,
            "source": TEXT,
            "type": {"type": "string", "pattern": "^relaybook\\."},
            "subject": TEXT,
            "time": INSTANT,
            "datacontenttype": TEXT,
            "position": _POSITION,
            "streamversion": _POSITION,
            "actor": TEXT,
            "sourceip": TEXT,
            "correlationid": TEXT,
            "causationid": TEXT,
            "traceparent": TEXT,
            "data": {"type": "object"},
        },
    },
    "EventLines": TEXT | {"description": "One CloudEvent a line, to the end of what is there."},
    "Checkpoint": TEXT | {"description": "A signed note: origin, size, root, signatures."},
    "Proof": TEXT | {"description": "Extra data, index, hashes, and the checkpoint."},
    "Bundle": {"description": "A tar archive."},
    "EventPage": closed({"items": array(ref("CloudEvent")), "next": COUNT}),
}  # fmt: skip

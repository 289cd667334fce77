"""The plan or result of an import."""

from __future__ import annotations

from typing import get_args

from events.transfer import ImportMode
from services.config_api.application.imports import Action
from services.config_api.http.schemas.shapes import (
    ANYTHING,
    COUNT,
    FLAG,
    TEXT,
    Schema,
    array,
    closed,
    one_of,
    ref,
)

IMPORTS: dict[str, Schema] = {
    "ImportPlan": closed(
        {
            "import_id": TEXT,
            "mode": one_of(*get_args(ImportMode)),
            "dry_run": FLAG,
            "counts": closed(dict.fromkeys(get_args(Action), COUNT)),
            "items": array(ref("ImportItem")),
            "ignored": array(ANYTHING),
        }
    ),
    "ImportItem": {
        "type": "object",
        "required": ["id", "action", "changes", "problems", "warnings"],
        "properties": {
            "id": TEXT,
            "action": one_of(*get_args(Action)),
            "changes": array(ref("Change")),
            "problems": array(ANYTHING),
            "warnings": array(ANYTHING),
        },
    },
    "Change": closed({"path": TEXT, "before": ANYTHING, "after": ANYTHING}),
}

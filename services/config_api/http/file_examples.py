"""Examples of files of settings, and of what an import of one answers, for the description."""

from __future__ import annotations

from typing import Any, Final

_JAVAMAIL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<javamail-config><smtp-server>'
    "<id>acme</id><host>smtp.acme.example</host><port>587</port>"
    '<smtps enable="true" starttls="true"/></smtp-server></javamail-config>\n'
)
_SETTING: Final[dict[str, Any]] = {"id": "acme", "host": "smtp.acme.example", "port": 587}

#: Media type → a file.
FILES: Final[dict[str, object]] = {
    "application/json": {"relaybook": 1, "settings": [_SETTING]},
    "application/yaml": "relaybook: 1\nsettings:\n- id: acme\n  host: smtp.acme.example\n",
    "text/csv": "id,host,port\r\nacme,smtp.acme.example,587\r\n",
    "application/xml": _JAVAMAIL,
    "text/xml": _JAVAMAIL,
    "application/age": "age-encryption.org/v1\n-> scrypt …",
    "application/octet-stream": "id,host,port\r\nacme,smtp.acme.example,587\r\n",
}

IMPORT_RESULT: Final[dict[str, Any]] = {
    "import_id": "01890a5d-ac96-774b-bcce-b302099a8059",
    "mode": "new",
    "dry_run": False,
    "counts": {"create": 1, "overwrite": 0, "unchanged": 0, "skip": 0, "invalid": 0},
    "items": [
        {
            "id": "acme",
            "action": "create",
            "changes": [{"path": "/host", "before": None, "after": "smtp.acme.example"}],
            "problems": [],
            "warnings": [],
        }
    ],
    "ignored": [],
}
IMPORT_PLAN: Final[dict[str, Any]] = IMPORT_RESULT | {"dry_run": True}

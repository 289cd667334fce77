"""What a service that sends signs in with."""

from __future__ import annotations

from services.config_api.domain.auth_fields import MECHANISMS, METHODS
from services.config_api.domain.host import MAX_PORT
from services.config_api.domain.setting_fields import SECURITIES
from services.config_api.domain.setting_id import PATTERN
from services.config_api.http.schemas.shapes import (
    INSTANT,
    TEXT,
    VERSION,
    Schema,
    closed,
    mapping,
    nullable,
    one_of,
)

_ID: Schema = {"type": "string", "pattern": f"^{PATTERN}$"}

CREDENTIALS: dict[str, Schema] = {
    "Credentials": closed(
        {
            "id": _ID,
            "resolved_from": _ID,
            "version": VERSION,
            "host": TEXT,
            "port": {"type": "integer", "minimum": 1, "maximum": MAX_PORT},
            "security": one_of(*SECURITIES),
            "method": one_of(*METHODS),
            "user": nullable(TEXT),
            "mechanism": nullable(one_of(*MECHANISMS)),
            "password": nullable(TEXT),
            "access_token": TEXT,
            "expires_at": nullable(INSTANT),
            "session_properties": mapping(TEXT)
            | {"description": "The secret ones by their names; the others are at `effective`."},
        },
        optional=("password", "access_token", "expires_at"),
    )
}

"""A setting as it is answered."""

from __future__ import annotations

from typing import get_args

from events.connection_test import Verdict
from events.smtp_setting import SecretState
from services.config_api.domain.auth_fields import MECHANISMS, METHODS
from services.config_api.domain.host import MAX_PORT
from services.config_api.domain.setting_fields import MAX_TIMEOUT_MS, SECURITIES, TLS_PROTOCOLS
from services.config_api.domain.setting_id import PATTERN
from services.config_api.http.schemas.rendered import RENDERED
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

_ID: Schema = {"type": "string", "pattern": f"^{PATTERN}$"}
_MILLISECONDS = nullable({"type": "integer", "minimum": 1, "maximum": MAX_TIMEOUT_MS})
_AUTH: dict[str, Schema] = {
    "method": one_of(*METHODS),
    "user": nullable(TEXT),
    "mechanism": nullable(one_of(*MECHANISMS)),
    "provider_id": nullable(TEXT),
}
_FIELDS: dict[str, Schema] = {
    "id": _ID,
    "host": TEXT,
    "port": {"type": "integer", "minimum": 1, "maximum": MAX_PORT},
    "security": one_of(*SECURITIES),
    "tls_protocols": array(one_of(*TLS_PROTOCOLS)),
    "ca_pem": nullable(TEXT),
    "auth": ref("AnsweredAuth"),
    "x_mailer": nullable(TEXT),
    "debug": FLAG,
    "connection_timeout_ms": _MILLISECONDS,
    "timeout_ms": _MILLISECONDS,
    "session_properties": mapping(TEXT),
}
_READ_ONLY: dict[str, Schema] = {
    "host_unicode": TEXT,
    "is_default": FLAG,
    "origin": one_of("registered", "imported", "default"),
    "version": VERSION,
    "secret": one_of(*get_args(SecretState)),
    "created_at": INSTANT,
    "updated_at": INSTANT,
    "updated_by": TEXT,
}
_LAST_TEST = nullable(ref("LastTest"))

SMTP_SETTINGS: dict[str, Schema] = {
    "AnsweredAuth": closed(_AUTH),
    "SmtpSetting": closed(
        {
            **_FIELDS,
            **_READ_ONLY,
            "last_test": _LAST_TEST,
            "warnings": array(ref("Warning")),
        },
        optional=("last_test", "warnings"),
    ),
    "SmtpSettingPage": page(ref("SmtpSetting"), total=COUNT),
    "LastTest": closed(
        {
            "id": TEXT,
            "verdict": one_of(*get_args(Verdict)),
            "version": VERSION,
            "finished_at": INSTANT,
        }
    ),
    "EffectiveSetting": closed(
        {
            **_FIELDS,
            **_READ_ONLY,
            "resolved_from": _ID,
            "session_properties": mapping(ref("EffectiveProperty")),
        }
    ),
    **RENDERED,
    "EffectiveProperty": closed({"value": TEXT, "source": one_of("derived", "setting")}),
    "Warning": closed({"code": TEXT, "title": TEXT, "hint": TEXT}),
}

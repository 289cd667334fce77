"""OAuth providers as they are answered."""

from __future__ import annotations

from services.config_api.domain.provider_fields import GRANTS, PRESET_NAMES, SECRETS
from services.config_api.domain.setting_id import PATTERN
from services.config_api.http.schemas.shapes import (
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

TOKEN_STATES = ("none", "consent_needed", "valid", "failed")
_TOLD = closed({"code": TEXT, "title": TEXT, "hint": TEXT})

OAUTH_PROVIDERS: dict[str, Schema] = {
    "OAuthProvider": closed(
        {
            "id": {"type": "string", "pattern": f"^{PATTERN}$"},
            "name": TEXT,
            "preset": nullable(one_of(*PRESET_NAMES)),
            "grant": one_of(*GRANTS),
            "token_url": TEXT,
            "authorize_url": nullable(TEXT),
            "client_id": TEXT,
            "key_id": nullable(TEXT),
            "subject": nullable(TEXT),
            "audience": nullable(TEXT),
            "scopes": array(TEXT),
            "mail_hosts": array(TEXT)
            | {"description": "The hosts for whose settings it issues tokens."},
            "extra": mapping(TEXT)
            | {"description": "Further parameters of its requests, and of the consent's URL."},
            "secrets": closed(dict.fromkeys(SECRETS, one_of("none", "stored"))),
            "version": VERSION,
            "granted_at": nullable(INSTANT),
            "granted_by": nullable(TEXT),
            "created_at": INSTANT,
            "updated_at": INSTANT,
            "updated_by": TEXT,
            "token_state": ref("OAuthTokenState"),
        },
        optional=("token_state",),
    ),
    "OAuthTokenState": closed(
        {
            "state": one_of(*TOKEN_STATES),
            "expires_at": nullable(INSTANT),
            "renewed_at": nullable(INSTANT),
            "grant_ends_at": nullable(INSTANT),
            "failed_at": nullable(INSTANT),
            "failure": nullable(_TOLD),
            "warnings": array(_TOLD),
        }
    ),
    "OAuthProviderList": page(ref("OAuthProvider")),
    "Consent": closed({"url": {"type": "string", "format": "uri"}}),
}

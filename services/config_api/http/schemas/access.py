"""Tokens, users, the principal, the state of the service."""

from __future__ import annotations

from typing import get_args

from events.access import Role
from services.config_api.http.schemas.shapes import (
    COUNT,
    INSTANT,
    TEXT,
    Schema,
    array,
    closed,
    mapping,
    nullable,
    one_of,
    page,
    ref,
)

_ROLES = array(one_of(*get_args(Role)))
_TENANTS = nullable(array(TEXT))
_TOKEN: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "roles": _ROLES,
    "tenants": _TENANTS,
    "created_at": INSTANT,
    "created_by": TEXT,
    "expires_at": nullable(INSTANT),
    "revoked_at": nullable(INSTANT),
    "last_used_at": nullable(INSTANT),
}

_USER: dict[str, Schema] = {
    "name": TEXT,
    "roles": _ROLES,
    "tenants": _TENANTS,
    "created_at": INSTANT,
    "created_by": TEXT,
    "revoked_at": nullable(INSTANT),
}

_HEAD = closed({"size": COUNT, "position": COUNT, "signed_at": INSTANT})
_REFUSAL = closed({"position": COUNT, "reason": TEXT, "at": INSTANT})

ACCESS: dict[str, Schema] = {
    "Token": closed(_TOKEN),
    "NewToken": closed({**_TOKEN, "token": TEXT}),
    "TokenList": page(ref("Token")),
    "User": closed(_USER),
    "UserList": page(ref("User")),
    "Principal": closed({"actor": TEXT, "roles": _ROLES, "tenants": _TENANTS}),
    "Health": closed({"status": one_of("ok")}),
    "Figures": TEXT,
    "Description": {"type": "object", "description": "An OpenAPI 3.1 document."},
    "BusDescription": {"type": "object", "description": "An AsyncAPI 3 document."},
    "Status": closed(
        {
            "version": TEXT,
            "position": COUNT,
            "backlog": COUNT,
            "queues": mapping(nullable(COUNT)),
            "projections": array(closed({"name": TEXT, "rows": COUNT, "lag": COUNT})),
            "webhooks": closed({"pending": COUNT, "parked": COUNT}),
            "checkpoint": nullable(_HEAD),
            "unsealed": COUNT,
            "sealing_refused": nullable(_REFUSAL),
        }
    ),
}

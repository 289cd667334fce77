"""Examples for the API's description."""

from __future__ import annotations

from typing import Any

from services.config_api.http.problem_texts import title_of

NEW_SETTING: dict[str, Any] = {
    "id": "acme",
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "auth": {"method": "password", "user": "mailer@acme.example", "password": "correct horse"},
}

SETTING: dict[str, Any] = {
    "id": "acme",
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "tls_protocols": [],
    "ca_pem": None,
    "auth": {
        "method": "password",
        "user": "mailer@acme.example",
        "mechanism": None,
        "provider_id": None,
    },
    "x_mailer": None,
    "debug": False,
    "connection_timeout_ms": 60000,
    "timeout_ms": 60000,
    "session_properties": {},
    "host_unicode": "smtp.acme.example",
    "is_default": False,
    "origin": "registered",
    "version": 1,
    "secret": "stored",
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
    "updated_by": "token:3f0c1f4e-1f2b-4d57-9f3e-0a1b2c3d4e5f",
}

HISTORY_PAGE: dict[str, Any] = {
    "items": [
        {
            "position": 17,
            "version": 2,
            "type": "smtp_setting.updated",
            "id": "8a7b5c9e-1d2e-4f30-9a4b-5c6d7e8f9a0b",
            "recorded_at": "2026-02-01T09:30:00Z",
            "actor": "user:alice",
            "source_ip": "192.0.2.1",
            "correlation_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "causation_id": None,
            "changes": [
                {"path": "/port", "before": 587, "after": 465},
                {"path": "/security", "before": "starttls", "after": "implicit_tls"},
                {"path": "/auth/password", "before": {"version": 1}, "after": {"version": 2}},
            ],
        }
    ],
    "next": "Mg==",
}

COMPARISON: dict[str, Any] = {
    "id": "acme",
    "from": 1,
    "to": 2,
    "changes": [{"path": "/port", "before": 587, "after": 465}],
}

_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
_MADE_BY = "token:3f0c1f4e-1f2b-4d57-9f3e-0a1b2c3d4e5f"
_AT = "2026-01-31T12:00:00Z"

EFFECTIVE_SETTING: dict[str, Any] = SETTING | {
    "resolved_from": "acme",
    "session_properties": {
        "mail.smtp.host": {"value": "smtp.acme.example", "source": "derived"},
        "mail.smtp.localhost": {"value": "app01.acme.example", "source": "setting"},
    },
}
CREDENTIALS: dict[str, Any] = {
    "id": "globex",
    "resolved_from": "default",
    "version": 1,
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "method": "password",
    "user": "mailer@acme.example",
    "mechanism": None,
    "password": "correct horse",
    "session_properties": {"mail.smtp.proxy.password": "battery staple"},
}
NEW_PROVIDER: dict[str, Any] = {
    "id": "exchange",
    "preset": "microsoft365",
    "directory": "contoso.onmicrosoft.com",
    "grant": "client_credentials",
    "client_id": "1b0c2a6e-7d1f-4b6e-9c55-0d7c3f0a9e11",
    "client_secret": "correct horse battery staple",
}
PROVIDER: dict[str, Any] = {
    "id": "exchange",
    "name": "Microsoft 365",
    "preset": "microsoft365",
    "grant": "client_credentials",
    "token_url": "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token",
    "authorize_url": (
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize"
    ),
    "client_id": "1b0c2a6e-7d1f-4b6e-9c55-0d7c3f0a9e11",
    "key_id": None,
    "subject": None,
    "audience": None,
    "scopes": ["https://outlook.office365.com/.default"],
    "mail_hosts": ["smtp.office365.com", "smtp-mail.outlook.com"],
    "extra": {},
    "secrets": {"client_secret": "stored", "refresh_token": "none", "private_key": "none"},
    "version": 1,
    "granted_at": None,
    "granted_by": None,
    "created_at": _AT,
    "updated_at": _AT,
    "updated_by": _MADE_BY,
}
PROVIDER_LIST: dict[str, Any] = {
    "items": [
        PROVIDER
        | {
            "token_state": {
                "state": "valid",
                "expires_at": "2026-01-31T13:00:00Z",
                "renewed_at": _AT,
                "grant_ends_at": None,
                "failed_at": None,
                "failure": None,
                "warnings": [],
            }
        }
    ],
    "next": None,
}
CONSENT = {"url": "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?state=…"}
RENDERED_TEXT = "mail.smtp.host=smtp.acme.example\nmail.smtp.port=587\n"

SETTING_PAGE: dict[str, Any] = {"items": [SETTING | {"last_test": None}], "next": None}

_STEPS = (
    "config", "dns", "tcp", "proxy", "banner", "ehlo", "tls", "token", "auth", "mail", "rcpt",
    "data", "quit",
)  # fmt: skip
CONNECTION_TEST: dict[str, Any] = {
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "setting_id": "acme",
    "setting_version": 1,
    "draft": False,
    "depth": "auth",
    "state": "queued",
    "verdict": None,
    "code": None,
    "step": None,
    "title": None,
    "hint": None,
    "fix": None,
    "reply": None,
    "warnings": [],
    "steps": [
        {"name": name, "state": "skipped", "at_ms": None, "duration_ms": None, "detail": {}}
        for name in _STEPS
    ],
    "server": None,
    "tls": None,
    "transcript": [],
    "requested_by": _MADE_BY,
    "requested_at": _AT,
    "finished_at": None,
    "attempts": 0,
}
TEST_PAGE: dict[str, Any] = {"items": [CONNECTION_TEST], "next": None}
STREAMED_STEP = (
    'event: step\ndata: {"name":"dns","state":"passed","at_ms":0.0,"duration_ms":1.9,'
    '"detail":{}}\n\n'
)

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "01890a5d-ac96-774b-bcce-b302099a8058",
    "source": "/relaybook",
    "type": "relaybook.smtp_setting.deleted.v1",
    "subject": "smtp_setting/acme",
    "time": _AT,
    "datacontenttype": "application/json",
    "position": "17",
    "streamversion": "3",
    "actor": _MADE_BY,
    "sourceip": "192.0.2.7",
    "correlationid": _TRACE_ID,
    "data": {"setting_id": "acme"},
}
EVENT_PAGE: dict[str, Any] = {"items": [EVENT], "next": 17}
STREAMED_EVENT = 'id: 17\ndata: {"specversion":"1.0","subject":"smtp_setting/acme"}\n\n'

TOKEN: dict[str, Any] = {
    "id": "3f0c1f4e-1f2b-4d57-9f3e-0a1b2c3d4e5f",
    "name": "mailer",
    "roles": ["credentials"],
    "tenants": ["acme"],
    "created_at": _AT,
    "created_by": "user:alice",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
NEW_TOKEN: dict[str, Any] = TOKEN | {"token": "rb_…"}
TOKEN_LIST: dict[str, Any] = {"items": [TOKEN], "next": None}
USER: dict[str, Any] = {
    "name": "alice",
    "roles": ["operator"],
    "tenants": None,
    "created_at": _AT,
    "created_by": "user:admin",
    "revoked_at": None,
}
USER_LIST: dict[str, Any] = {"items": [USER], "next": None}
PRINCIPAL: dict[str, Any] = {"actor": _MADE_BY, "roles": ["operator"], "tenants": None}
STATUS: dict[str, Any] = {
    "version": "1.0.0",
    "position": 17,
    "backlog": 0,
    "queues": {"relaybook.connection-tests": 0},
    "projections": [{"name": "smtp_settings", "rows": 1, "lag": 0}],
    "webhooks": {"pending": 0, "parked": 0},
    "checkpoint": {"size": 16, "position": 17, "signed_at": _AT},
    "unsealed": 0,
    "sealing_refused": None,
}
CHECKPOINT = (
    "relaybook/0f1e2d3c4b5a6978\n17\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— relaybook/0f1e2d3c4b5a6978 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
PROOF = (
    "c2sp.org/tlog-proof@v1\nextra AAAAAAAAABF1YmxpYyBzYWx0IDE2IGJ5\nindex 16\n"
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\n" + CHECKPOINT
)
HEALTHY: dict[str, Any] = {"status": "ok"}
FIGURES = "# TYPE relaybook_http_streams gauge\nrelaybook_http_streams 0.0\n"


def problem_example(slug: str, status: int) -> dict[str, Any]:
    """Return a problem as it is answered in English."""
    problem = {
        "type": f"urn:relaybook:problem:{slug}",
        "title": title_of(slug, "en"),
        "status": status,
        "detail": "…",
        "trace_id": _TRACE_ID,
    }
    return problem | _MEMBERS.get(slug, {})


_MEMBERS: dict[str, dict[str, Any]] = {
    "validation-failed": {
        "detail": "1 wrong: /host.",
        "errors": [
            {
                "pointer": "/host",
                "code": "host_is_url",
                "detail": "The host is an address of a web page. Enter only the name.",
                "fix": {"host": "smtp.acme.example"},
            }
        ],
    },
    "secret-required": {
        "detail": "The stored secret belongs to the old destination; changed: /host.",
        "errors": [
            {
                "pointer": "/auth/password",
                "code": "secret_required",
                "detail": "The stored secret belongs to the old destination; changed: /host.",
            }
        ],
    },
    "version-conflict": {
        "detail": "It is at version 3 now; read it again, then repeat your change."
    },
}

"""Who may do what: each route crossed with each role, tenant scope and state of a credential.

The table is written by hand from contract §4 and §6, and says nothing of how the service decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from events.access import Role
from tests.integration.security.page_routes import PAGES
from tests.integration.security.routes import (
    ADMINS,
    AUDITORS,
    EVERYBODY,
    OPERATORS,
    PUBLIC,
    READERS,
    Route,
)

ROLES: Final[tuple[Role, ...]] = get_args(Role)
TENANT: Final = "acme"
OTHER: Final = "globex"

#: Whose things a principal sees: everybody's, those of the tenant asked for, those of another one.
Scope = Literal["all", "own", "other"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

_STALE: Final = {"If-Match": '"v999"'}
_SETTING: Final = "/v1/smtp-settings/{tenant}"
_TEST: Final = "/v1/connection-tests/{test}"
_PROVIDER: Final = "/v1/oauth-providers/idp"
_WEBHOOK: Final = "/v1/webhooks/hook"

TABLE: Final[dict[tuple[str, str], Route]] = {
    # the API, contract §4
    ("GET", "/v1/smtp-settings"): Route(who=READERS, path="/v1/smtp-settings", about="list"),
    ("POST", "/v1/smtp-settings"): Route(
        who=OPERATORS, path="/v1/smtp-settings", body={"host": "no id"}
    ),
    ("GET", "/v1/smtp-settings/<setting_id>"): Route(who=READERS, path=_SETTING, about="one"),
    ("PUT", "/v1/smtp-settings/<setting_id>"): Route(
        who=OPERATORS, path=_SETTING, about="one", body={"host": "a"}, headers=_STALE
    ),
    ("PATCH", "/v1/smtp-settings/<setting_id>"): Route(
        who=OPERATORS, path=_SETTING, about="one", body={"port": 1}, headers=_STALE
    ),
    ("DELETE", "/v1/smtp-settings/<setting_id>"): Route(
        who=OPERATORS, path=_SETTING, about="one", headers=_STALE
    ),
    ("GET", "/v1/smtp-settings/<setting_id>/effective"): Route(
        who=READERS, path=_SETTING + "/effective", about="one"
    ),
    ("GET", "/v1/smtp-settings/<setting_id>/credentials"): Route(
        who=frozenset({"credentials"}), path=_SETTING + "/credentials", about="one"
    ),
    ("GET", "/v1/smtp-settings/<setting_id>/history"): Route(
        who=READERS, path=_SETTING + "/history", about="one"
    ),
    ("GET", "/v1/smtp-settings/<setting_id>/compare"): Route(
        who=READERS, path=_SETTING + "/compare?from=1&to=1", about="one"
    ),
    ("POST", "/v1/smtp-settings/<setting_id>/restore"): Route(
        who=OPERATORS,
        path=_SETTING + "/restore",
        about="one",
        body={"version": 1},
        headers=_STALE,
    ),
    ("POST", "/v1/connection-tests"): Route(
        who=OPERATORS, path="/v1/connection-tests", body={"depth": "nonsense"}
    ),
    ("GET", "/v1/connection-tests"): Route(who=READERS, path="/v1/connection-tests", about="list"),
    ("GET", "/v1/connection-tests/<test_id>"): Route(who=READERS, path=_TEST, about="one"),
    ("GET", "/v1/connection-tests/<test_id>/stream"): Route(
        who=READERS, path=_TEST + "/stream", about="one"
    ),
    ("POST", "/v1/connection-tests/<test_id>/cancel"): Route(
        who=OPERATORS, path=_TEST + "/cancel", about="one"
    ),
    ("POST", "/v1/connection-tests/<test_id>/claim"): Route(
        who=frozenset({"tester"}), path=_TEST + "/claim", about="one", body={"attempt": 99}
    ),
    ("POST", "/v1/detections"): Route(who=OPERATORS, path="/v1/detections", body={"domain": "@"}),
    ("GET", "/v1/detections/<detection_id>"): Route(
        who=OPERATORS, path="/v1/detections/{detection}"
    ),
    ("POST", "/v1/detections/<detection_id>/claim"): Route(
        who=frozenset({"tester"}), path="/v1/detections/{detection}/claim", body={"attempt": 99}
    ),
    ("POST", "/v1/imports"): Route(
        who=OPERATORS,
        about="whole",
        path="/v1/imports?mode=new&dry_run=true",
        body={"relaybook": 1, "settings": []},
    ),
    ("POST", "/v1/exports"): Route(
        who=OPERATORS, path="/v1/exports", body={"ids": None, "format": "json", "secrets": "none"}
    ),
    ("GET", "/v1/events"): Route(who=AUDITORS, path="/v1/events", about="list"),
    ("GET", "/v1/events/<int(max=9223372036854775807):position>"): Route(
        who=AUDITORS, path="/v1/events/{position}", about="one"
    ),
    ("GET", "/v1/events/stream"): Route(who=AUDITORS, path="/v1/events/stream"),
    ("GET", "/v1/log/checkpoint"): Route(who=AUDITORS, path="/v1/log/checkpoint"),
    ("GET", "/v1/log/proof/<int(max=9223372036854775807):position>"): Route(
        who=AUDITORS, path="/v1/log/proof/{position}", about="one"
    ),
    ("GET", "/v1/log/bundle"): Route(who=AUDITORS, path="/v1/log/bundle"),
    ("GET", "/v1/oauth-providers"): Route(who=OPERATORS, path="/v1/oauth-providers"),
    ("POST", "/v1/oauth-providers"): Route(
        who=OPERATORS, path="/v1/oauth-providers", about="whole", body={}
    ),
    ("GET", "/v1/oauth-providers/<provider_id>"): Route(who=OPERATORS, path=_PROVIDER),
    ("PUT", "/v1/oauth-providers/<provider_id>"): Route(
        who=OPERATORS, path=_PROVIDER, about="whole", body={}, headers=_STALE
    ),
    ("DELETE", "/v1/oauth-providers/<provider_id>"): Route(
        who=OPERATORS, path=_PROVIDER, about="whole", headers=_STALE
    ),
    ("POST", "/v1/oauth-providers/<provider_id>/authorize"): Route(
        who=OPERATORS, path=_PROVIDER + "/authorize", about="whole"
    ),
    ("GET", "/v1/webhooks"): Route(who=OPERATORS, path="/v1/webhooks", about="whole"),
    ("POST", "/v1/webhooks"): Route(who=OPERATORS, path="/v1/webhooks", about="whole", body={}),
    ("GET", "/v1/webhooks/<webhook_id>"): Route(who=OPERATORS, path=_WEBHOOK, about="whole"),
    ("PUT", "/v1/webhooks/<webhook_id>"): Route(
        who=OPERATORS, path=_WEBHOOK, about="whole", body={}, headers=_STALE
    ),
    ("DELETE", "/v1/webhooks/<webhook_id>"): Route(
        who=OPERATORS, path=_WEBHOOK, about="whole", headers=_STALE
    ),
    ("GET", "/v1/webhooks/<webhook_id>/deliveries"): Route(
        who=OPERATORS, path=_WEBHOOK + "/deliveries", about="whole"
    ),
    ("POST", "/v1/webhooks/<webhook_id>/deliveries/<delivery_id>/replay"): Route(
        who=OPERATORS, path=_WEBHOOK + "/deliveries/{delivery}/replay", about="whole"
    ),
    ("POST", "/v1/webhooks/<webhook_id>/deliveries/replay"): Route(
        who=OPERATORS, path=_WEBHOOK + "/deliveries/replay", about="whole"
    ),
    ("POST", "/v1/webhooks/<webhook_id>/ping"): Route(
        who=OPERATORS, path=_WEBHOOK + "/ping", about="whole"
    ),
    ("GET", "/v1/tokens"): Route(who=ADMINS, path="/v1/tokens", about="whole"),
    ("POST", "/v1/tokens"): Route(who=ADMINS, path="/v1/tokens", about="whole", body={}),
    ("DELETE", "/v1/tokens/<token_id>"): Route(
        who=ADMINS, path="/v1/tokens/{victim}", about="whole"
    ),
    ("GET", "/v1/users"): Route(who=ADMINS, path="/v1/users", about="whole"),
    ("POST", "/v1/users"): Route(who=ADMINS, path="/v1/users", about="whole", body={}),
    ("DELETE", "/v1/users/<name>"): Route(who=ADMINS, path="/v1/users/victim", about="whole"),
    ("GET", "/v1/me"): Route(who=EVERYBODY, path="/v1/me"),
    ("GET", "/v1/status"): Route(who=EVERYBODY, path="/v1/status"),
    ("GET", "/v1/openapi.json"): Route(who=PUBLIC, path="/v1/openapi.json"),
    ("GET", "/v1/asyncapi.json"): Route(who=PUBLIC, path="/v1/asyncapi.json"),
    ("GET", "/docs"): Route(who=PUBLIC, path="/docs"),
    ("GET", "/livez"): Route(who=PUBLIC, path="/livez"),
    ("GET", "/readyz"): Route(who=PUBLIC, path="/readyz"),
    ("GET", "/metrics"): Route(who=PUBLIC, path="/metrics"),
    # the web client
    ("GET", "/"): Route(who=PUBLIC, path="/", page=True),
    ("GET", "/assets/<path:path>"): Route(who=PUBLIC, path="/assets/app.css", page=True),
    ("POST", "/appearance"): Route(who=PUBLIC, path="/appearance", page=True),
    ("GET", "/sign-in"): Route(who=PUBLIC, path="/sign-in", page=True),
    ("POST", "/sign-in"): Route(who=PUBLIC, path="/sign-in", page=True),
    ("GET", "/sign-in/openid"): Route(who=PUBLIC, path="/sign-in/openid", page=True),
    ("GET", "/sign-in/openid/callback"): Route(
        who=PUBLIC, path="/sign-in/openid/callback", page=True
    ),
    ("GET", "/oauth/callback"): Route(who=PUBLIC, path="/oauth/callback", page=True),
    ("POST", "/sign-out"): Route(who=EVERYBODY, path="/sign-out", page=True),
    ("GET", "/settings"): Route(who=READERS, path="/settings", about="list", page=True),
    ("GET", "/register"): Route(who=OPERATORS, path="/register", page=True),
    ("POST", "/register"): Route(who=OPERATORS, path="/register", page=True),
    ("GET", "/settings/<setting_id>"): Route(
        who=READERS, path="/settings/{tenant}", about="one", page=True
    ),
    ("POST", "/settings/<setting_id>"): Route(
        who=OPERATORS,
        path="/settings/{tenant}",
        about="one",
        form={"do": "preview"},
        page=True,
    ),
    ("POST", "/settings/<setting_id>/delete"): Route(
        who=OPERATORS,
        path="/settings/{tenant}/delete",
        about="one",
        form={"version": "999"},
        page=True,
    ),
    ("GET", "/import"): Route(who=OPERATORS, path="/import", about="whole", page=True),
    ("POST", "/import"): Route(who=OPERATORS, path="/import", about="whole", page=True),
    ("GET", "/export"): Route(who=OPERATORS, path="/export", page=True),
    ("POST", "/export"): Route(who=OPERATORS, path="/export", page=True),
    ("GET", "/tests"): Route(who=READERS, path="/tests", about="list", page=True),
    ("POST", "/tests"): Route(
        who=OPERATORS, path="/tests", about="one", form={"setting_id": "{tenant}"}, page=True
    ),
    ("GET", "/tests/<test_id>"): Route(who=READERS, path="/tests/{test}", about="one", page=True),
    ("POST", "/tests/<test_id>/cancel"): Route(
        who=OPERATORS, path="/tests/{test}/cancel", about="one", page=True
    ),
    ("GET", "/tests/<test_id>/stream"): Route(
        who=READERS, path="/tests/{test}/stream", about="one", page=True
    ),
    **PAGES,
}

#: What a caller without a credential that holds may send; each is refused in the same way.
Refused = Literal[
    "absent",
    "malformed",
    "wrong checksum",
    "unknown",
    "expired token",
    "revoked token",
    "cookie of nobody",
    "session signed out",
    "session too long idle",
    "session too old",
    "session of a revoked user",
    "session of a revoked token",
]
REFUSED: Final[tuple[Refused, ...]] = get_args(Refused)
#: Those that say nothing of a role.
WITHOUT_ROLE: Final = frozenset[Refused](
    {"absent", "malformed", "wrong checksum", "unknown", "cookie of nobody"}
)
#: A tester's token opens no session.
NOBODY: Final = ("tester", "session of a revoked token")
#: How a credential that holds is shown.
Shown = Literal["token", "session"]
SHOWN: Final[tuple[Shown, ...]] = get_args(Shown)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One request: by a principal of a role and scope, shown as token or session, or refused."""

    method: str
    rule: str
    role: Role
    scope: Scope = "all"
    shown: Shown = "token"
    refused: Refused | None = None

    @property
    def route(self) -> Route:
        return TABLE[self.method, self.rule]

    def __str__(self) -> str:
        by = self.refused or f"{self.shown} of {self.scope}"
        return f"{self.method} {self.rule} as {self.role} by {by}"


def cells() -> Iterator[Cell]:
    """Return the whole matrix."""
    for method, rule in TABLE:
        for role in ROLES:
            for shown in SHOWN:
                for scope in SCOPES:
                    yield Cell(method=method, rule=rule, role=role, scope=scope, shown=shown)
            for refused in REFUSED:
                if (refused not in WITHOUT_ROLE or role == ROLES[0]) and (role, refused) != NOBODY:
                    yield Cell(method=method, rule=rule, role=role, refused=refused)


def expected(cell: Cell) -> str:
    """Return what the contract says of a cell: `in`, `401`, `403` or `404`."""
    route = cell.route
    if route.who == PUBLIC:
        return "in"
    if cell.refused is not None:
        return "401"
    if cell.role not in route.who:
        return "403"
    if cell.scope != "all" and route.about == "whole":
        return "403"
    if cell.scope == "other" and route.about == "one":
        return "404"
    return "in"

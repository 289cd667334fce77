"""Who may see and use the pages of the past, of access and of the state: rows of the matrix."""

from __future__ import annotations

from typing import Final

from tests.integration.security.routes import ADMINS, AUDITORS, OPERATORS, READERS, Route

PAGES: Final[dict[tuple[str, str], Route]] = {
    ("GET", "/settings/<setting_id>/history"): Route(
        who=READERS, path="/settings/{tenant}/history", about="one", page=True
    ),
    ("GET", "/settings/<setting_id>/compare"): Route(
        who=READERS, path="/settings/{tenant}/compare", about="one", page=True
    ),
    ("GET", "/settings/<setting_id>/restore"): Route(
        who=OPERATORS, path="/settings/{tenant}/restore?version=1", about="one", page=True
    ),
    ("POST", "/settings/<setting_id>/restore"): Route(
        who=OPERATORS,
        path="/settings/{tenant}/restore",
        about="one",
        form={"version": "1", "expected": "999"},
        page=True,
    ),
    ("GET", "/as-of"): Route(who=READERS, path="/as-of?at={position}", about="list", page=True),
    ("GET", "/as-of/<setting_id>"): Route(
        who=READERS, path="/as-of/{tenant}?at={position}", about="one", page=True
    ),
    ("GET", "/events"): Route(who=AUDITORS, path="/events", about="list", page=True),
    ("GET", "/events/<int(max=9223372036854775807):position>"): Route(
        who=AUDITORS, path="/events/{position}", about="one", page=True
    ),
    ("GET", "/events/stream"): Route(who=AUDITORS, path="/events/stream", page=True),
    ("GET", "/log"): Route(who=AUDITORS, path="/log", page=True),
    ("GET", "/oauth-providers"): Route(who=OPERATORS, path="/oauth-providers", page=True),
    ("GET", "/oauth-providers/new"): Route(
        who=OPERATORS, path="/oauth-providers/new", about="whole", page=True
    ),
    ("POST", "/oauth-providers/new"): Route(
        who=OPERATORS, path="/oauth-providers/new", about="whole", page=True
    ),
    ("GET", "/oauth-providers/<provider_id>"): Route(
        who=OPERATORS, path="/oauth-providers/idp", page=True
    ),
    ("POST", "/oauth-providers/<provider_id>"): Route(
        who=OPERATORS, path="/oauth-providers/idp", about="whole", page=True
    ),
    ("POST", "/oauth-providers/<provider_id>/delete"): Route(
        who=OPERATORS,
        path="/oauth-providers/idp/delete",
        about="whole",
        form={"version": "999"},
        page=True,
    ),
    ("POST", "/oauth-providers/<provider_id>/authorize"): Route(
        who=OPERATORS, path="/oauth-providers/idp/authorize", about="whole", page=True
    ),
    ("GET", "/webhooks"): Route(who=OPERATORS, path="/webhooks", about="whole", page=True),
    ("GET", "/webhooks/new"): Route(who=OPERATORS, path="/webhooks/new", about="whole", page=True),
    ("POST", "/webhooks/new"): Route(who=OPERATORS, path="/webhooks/new", about="whole", page=True),
    ("GET", "/webhooks/<webhook_id>"): Route(
        who=OPERATORS, path="/webhooks/hook", about="whole", page=True
    ),
    ("POST", "/webhooks/<webhook_id>"): Route(
        who=OPERATORS, path="/webhooks/hook", about="whole", page=True
    ),
    ("POST", "/webhooks/<webhook_id>/delete"): Route(
        who=OPERATORS,
        path="/webhooks/hook/delete",
        about="whole",
        form={"version": "999"},
        page=True,
    ),
    ("POST", "/webhooks/<webhook_id>/ping"): Route(
        who=OPERATORS, path="/webhooks/hook/ping", about="whole", page=True
    ),
    ("POST", "/webhooks/<webhook_id>/replay"): Route(
        who=OPERATORS, path="/webhooks/hook/replay", about="whole", page=True
    ),
    ("GET", "/welcome"): Route(who=READERS, path="/welcome", page=True),
    ("GET", "/users"): Route(who=ADMINS, path="/users", about="whole", page=True),
    ("POST", "/users"): Route(who=ADMINS, path="/users", about="whole", page=True),
    ("POST", "/users/<name>/revoke"): Route(
        who=ADMINS, path="/users/victim/revoke", about="whole", page=True
    ),
    ("GET", "/tokens"): Route(who=ADMINS, path="/tokens", about="whole", page=True),
    ("POST", "/tokens"): Route(who=ADMINS, path="/tokens", about="whole", page=True),
    ("POST", "/tokens/<token_id>/revoke"): Route(
        who=ADMINS, path="/tokens/{victim}/revoke", about="whole", page=True
    ),
    ("GET", "/status"): Route(who=READERS, path="/status", page=True),
}

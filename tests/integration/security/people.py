"""Everybody of the access matrix, and a history for them to ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.application.token_text import new_token
from services.config_api.application.users import NewUser
from services.config_api.domain.secret import Secret
from services.config_api.http.cookies import cookie_name
from tests.integration.security.matrix import (
    OTHER,
    ROLES,
    SCOPES,
    TENANT,
    Cell,
    Refused,
    Scope,
)

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from events.access import Role
    from tests.integration.http.asking import Service

HOST: Final = "smtp.acme.example"
SETTING: Final[dict[str, Any]] = {
    "host": HOST,
    "auth": {"method": "password", "user": "u", "password": "correct horse"},
}
_TENANTS: Final[dict[Scope, list[str] | None]] = {"all": None, "own": [TENANT], "other": [OTHER]}
_PASSWORD: Final = Secret("correct horse battery")


@dataclass
class People:
    """Everybody of the matrix, and what they ask for."""

    service: Service
    ids: dict[str, str] = field(default_factory=dict)
    credentials: dict[tuple[Role, str], dict[str, str]] = field(default_factory=dict)

    def ctx(self) -> Context:
        return Context(cause=Cause.by_system("test"), at=self.service.watch())

    def token(self, role: Role, scope: Scope = "all", days: int | None = None) -> tuple[str, str]:
        answer, token = self.service.relaybook.access.create_token(
            name="m", roles=[role], tenants=_TENANTS[scope], days=days, ctx=self.ctx()
        )
        return (answer.document or {})["id"], token.reveal()

    def session(self, role: Role, scope: Scope, name: str) -> dict[str, str]:
        """Return what a browser sends once a user with this role has signed in."""
        new = NewUser(
            name=f"{role}-{name}", password=_PASSWORD, roles=[role], tenants=_TENANTS[scope]
        )
        relaybook = self.service.relaybook
        relaybook.users.create(new, self.ctx())
        entered = relaybook.sign_in.by_password(new.name, _PASSWORD, self.ctx())
        assert entered is not None
        return self._sent(*entered)

    def session_by_token(self, role: Role) -> tuple[str, dict[str, str]]:
        token_id, text = self.token(role)
        entered = self.service.relaybook.sign_in.by_token(text, self.ctx())
        assert entered is not None
        return token_id, self._sent(*entered)

    def _sent(self, session: Any, cookie: Secret) -> dict[str, str]:
        name = cookie_name(self.service.relaybook.settings)
        return {
            "Cookie": f"{name}={cookie.reveal()}",
            "X-CSRF-Token": session.csrf_token,
            "Sec-Fetch-Site": "same-origin",
        }

    def ask(self, cell: Cell, **ids: str) -> TestResponse:
        by = cell.refused or f"{cell.shown} of {cell.scope}"
        route = cell.route
        known = {"tenant": TENANT, **self.ids, **ids}
        more: dict[str, Any] = {} if route.body is None else {"json": route.body}
        if route.form is not None:
            more["data"] = {name: text.format(**known) for name, text in route.form.items()}
        answer = self.service.app.test_client(use_cookies=False).open(
            route.path.format(**known),
            method=cell.method,
            headers={**route.headers, **self.credentials[cell.role, by]},
            **more,
        )
        answer.close()  # of streams only the head is wanted
        return answer


def _bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def with_a_history(people: People) -> None:
    """Make what is asked for, in both tenants."""
    everybody = people.service.asker(*ROLES)
    for tenant in (TENANT, OTHER):
        made = everybody("POST", "/v1/smtp-settings", {"id": tenant} | SETTING)
        assert made.status_code == 201
        test = everybody("POST", "/v1/connection-tests", {"setting_id": tenant}).get_json()
        everybody("POST", f"/v1/connection-tests/{test['id']}/cancel")
        people.ids.setdefault("test", test["id"])
    search = everybody("POST", "/v1/detections", {"domain": "acme.example"}).get_json()
    people.ids["detection"] = search["id"]
    provider = {
        "id": "idp",
        "grant": "authorization_code",
        "token_url": "https://login.example/token",
        "authorize_url": "https://login.example/authorize",
        "client_id": "relaybook",
    }
    assert everybody("POST", "/v1/oauth-providers", provider).status_code == 201
    webhook = {"id": "hook", "url": "https://hooks.example/in", "types": ["smtp_setting.*"]}
    assert everybody("POST", "/v1/webhooks", webhook).status_code == 201
    assert everybody("POST", "/v1/webhooks/hook/ping").status_code == 202
    (sent,) = everybody("GET", "/v1/webhooks/hook/deliveries").get_json()["items"]
    people.ids["delivery"] = sent["id"]
    events = everybody("GET", "/v1/events?type=smtp_setting.registered").get_json()["items"]
    people.ids["position"] = next(
        one["position"] for one in events if one["subject"].endswith(TENANT)
    )
    people.ids["victim"] = people.token("reader")[0]
    victim = NewUser(name="victim", password=_PASSWORD, roles=["reader"])
    people.service.relaybook.users.create(victim, people.ctx())


def _with_ended_credentials(people: People, role: Role) -> None:
    """Make a credential of each kind that held once, so old that time has ended some."""
    watch, relaybook = people.service.watch, people.service.relaybook
    ended: dict[Refused, dict[str, str]] = {}
    ended["session too old"] = people.session(role, "all", "old")
    ended["expired token"] = _bearer(people.token(role, days=1)[1])
    for _ in range(25):  # in use all the while
        watch.forward(minutes=29)
        people.service.app.test_client(use_cookies=False).get(
            "/v1/me", headers=ended["session too old"]
        )
    ended["session too long idle"] = people.session(role, "all", "idle")
    watch.forward(hours=13)
    token_id, text = people.token(role)
    ended["revoked token"] = _bearer(text)
    relaybook.access.revoke_token(token_id, people.ctx())
    ended["session signed out"] = people.session(role, "all", "out")
    relaybook.access.sign_out(ended["session signed out"]["Cookie"].partition("=")[2])
    ended["session of a revoked user"] = people.session(role, "all", "gone")
    relaybook.users.revoke(f"{role}-gone", people.ctx())
    if role != "tester":  # nobody signs in with the tester's token
        token_id, ended["session of a revoked token"] = people.session_by_token(role)
        relaybook.access.revoke_token(token_id, people.ctx())
    people.credentials |= {(role, state): sent for state, sent in ended.items()}


def with_credentials(people: People) -> None:
    for role in ROLES:
        _with_ended_credentials(people, role)
    for role in ROLES:
        for scope in SCOPES:
            people.credentials[role, f"token of {scope}"] = _bearer(people.token(role, scope)[1])
            people.credentials[role, f"session of {scope}"] = people.session(role, scope, scope)
    good = people.token("reader")[1]
    other_end = "0" if good[-1] != "0" else "1"
    first, cookie = ROLES[0], cookie_name(people.service.relaybook.settings)
    without_role: dict[Refused, dict[str, str]] = {
        "absent": {},
        "malformed": _bearer("rb_short"),
        "wrong checksum": _bearer(good[:-1] + other_end),
        "unknown": _bearer(new_token().reveal()),
        "cookie of nobody": {"Cookie": f"{cookie}={'A' * 43}"},
    }
    people.credentials |= {(first, state): sent for state, sent in without_role.items()}

"""A service on SQLite in a folder of its own, and people with roles who ask it over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from events.access import Role
from events.envelope import Cause
from services.config_api.application.context import Context
from tests.integration.http.described import assert_described

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from services.config_api.bootstrap import Relaybook


@dataclass
class Watch:
    """A clock that stands still until it is put forward."""

    now: datetime = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Asker:
    """Somebody with a token, or without one."""

    app: Flask
    token: str | None = None

    def __call__(
        self, method: str, path: str, document: object = None, **more: Any
    ) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if document is not None:
            more["json"] = document
        answer = self.app.test_client().open(path, method=method, headers=headers, **more)
        assert_described(self.app, method, path, answer)
        return answer


@dataclass(frozen=True)
class Service:
    """The app, the service behind it and its clock."""

    app: Flask
    relaybook: Relaybook
    watch: Watch

    def asker(self, *roles: Role, tenants: Collection[str] | None = None) -> Asker:
        """Return somebody with a new token of these roles."""
        ctx = Context(cause=Cause.by_system("test"), at=self.watch())
        _, token = self.relaybook.access.create_token(
            name="test", roles=roles, tenants=tenants, days=None, ctx=ctx
        )
        return Asker(self.app, token.reveal())

    def stranger(self) -> Asker:
        """Return somebody who does not say who they are."""
        return Asker(self.app)


def problem(answer: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """Assert that an answer is this problem, whole and well-formed, and return its body."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert body["type"] == f"urn:relaybook:problem:{slug}"
    assert body["status"] == status
    assert body["trace_id"] == answer.headers["Trace-Id"]
    assert body["title"]
    assert body["detail"]
    return body

"""A short history of two settings, and when each of its steps took place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.envelope import Cause
from services.config_api.application.context import Context
from tests.support.asking import a_report

if TYPE_CHECKING:
    from tests.integration.http.asking import Asker, Service

LIST = "/v1/smtp-settings"
ACME = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": {"method": "password", "user": "mailer", "password": "correct horse"},
}
GLOBEX = {"id": "globex", "host": "mail.globex.example"}


class Past:
    """Positions and instants of a short history, an hour between two steps.

    `acme` is registered, `globex` is registered, `acme` is tested, changed and deleted.
    """

    def __init__(self, service: Service, operator: Asker) -> None:
        self._service = service
        self.positions: dict[str, int] = {"begin": service.relaybook.store.head()}
        self.instants: dict[str, str] = {}
        self.do("acme", lambda: operator("POST", LIST, ACME))
        self.do("globex", lambda: operator("POST", LIST, GLOBEX))
        self.do("tested", self.test)
        change = {"auth": {"password": "other"}, "port": 465, "security": "implicit_tls"}
        tag = {"headers": {"If-Match": "*"}}
        self.do("changed", lambda: operator("PATCH", f"{LIST}/acme", change, **tag))
        self.do("deleted", lambda: operator("DELETE", f"{LIST}/acme", **tag))

    def do(self, name: str, step: Any) -> None:
        self._service.watch.forward(hours=1)
        answer = step()
        assert answer is None or answer.status_code < 300, answer.get_data(as_text=True)
        self.positions[name] = self._service.relaybook.store.head()
        self.instants[name] = self._service.watch().isoformat().replace("+00:00", "Z")

    def test(self) -> None:
        operator = self._service.asker("operator")
        test_id = operator("POST", "/v1/connection-tests", {"setting_id": "acme"}).get_json()["id"]
        ctx = Context(cause=Cause.by_system("test"), at=self._service.watch())
        report = a_report(test_id, verdict="failed", code="bad_credentials", step="auth")
        self._service.relaybook.connection_tests.record(report, ctx)

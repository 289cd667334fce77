"""The service with a provider to sign in by, and browsers of people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.access import SignInFailed
from events.catalogue import decode
from services.config_api.bootstrap import build, check
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from tests.integration.http.asking import Watch
from tests.support.openid import CLIENT_ID, CLIENT_SECRET, query
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from events.envelope import RecordedEvent
    from services.config_api.bootstrap import Relaybook
    from tests.support.openid import Provider

ROLES = "groups=mail-admins:admin,groups=mail-ops:operator+auditor,email=alice@example.com:reader"


@dataclass(frozen=True)
class House:
    """The app, the service behind it, its clock and the provider."""

    app: Flask
    relaybook: Relaybook
    watch: Watch
    provider: Provider

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def journey(self, browser: FlaskClient | None = None, **changed: str) -> TestResponse:
        """Sign in as the provider has it; `changed` parameters come back instead of its own."""
        browser = browser or self.browser()
        begun = browser.get("/sign-in/openid")
        assert begun.status_code == 302, begun.get_data(as_text=True)
        back = self.provider.consent(begun.headers["Location"]) | changed
        return browser.get(query(back))

    def events(self, type_: str) -> list[RecordedEvent]:
        every = self.relaybook.store.read_all(after=0, limit=100).events
        return [event for event in every if event.type == type_]

    def facts(self, type_: str) -> list[Any]:
        return [decode(event) for event in self.events(type_)]


@contextmanager
def a_house(
    provider: Provider, database_url: str, data_dir: Path, *, now: datetime, **environ: str
) -> Iterator[House]:
    """Build the service; tokens are judged by its clock, so it begins with the provider's."""
    values = {
        "RELAYBOOK_DATA_DIR": str(data_dir),
        "RELAYBOOK_DATABASE_URL": database_url,
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        "RELAYBOOK_PROBE_ALLOW": "127.0.0.1/32:*",
        "RELAYBOOK_OIDC_ISSUER": provider.issuer,
        "RELAYBOOK_OIDC_CLIENT_ID": CLIENT_ID,
        "RELAYBOOK_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "RELAYBOOK_OIDC_ROLES": ROLES,
    }
    watch = Watch(now)
    relaybook = build(read_settings(values | environ), clock=watch)
    check(relaybook)
    yield House(create_app(relaybook), relaybook, watch, provider)
    relaybook.close()


def words(answer: TestResponse) -> str:
    """Return a page's text as it stands in the source."""
    return answer.get_data(as_text=True)


def assert_refused(house: House, answer: TestResponse, status: int, told: str) -> None:
    """Assert that a page says why nobody came in, and that the log knows that somebody tried."""
    assert (answer.status_code, told in words(answer)) == (status, True), words(answer)
    assert "relaybook=" not in "".join(answer.headers.getlist("Set-Cookie"))
    assert house.facts("access.signed_in") == []
    assert house.facts("access.sign_in_failed")[-1] == SignInFailed(user=None, way="openid")

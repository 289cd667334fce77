"""What must be in the log is there before the answer: where it cannot be written, there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from events.access import AccessDenied, CredentialsRead, SignedIn, SignInFailed
from events.store.port import StoreUnavailable
from events.transfer import ExportMade
from tests.integration.http.asking import Service
from tests.integration.http.exporting import (
    PASSWORD,
    SETTINGS,
    export,
    facts,
    register_two,
    sealed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

Told = AccessDenied | CredentialsRead | ExportMade | SignedIn | SignInFailed
HERS: Final = "nine lives of a cat"
ALICE: Final = {"name": "alice", "password": HERS, "roles": ["reader"]}


def read_credentials(service: Service) -> TestResponse:
    return service.asker("credentials")("GET", f"{SETTINGS}/acme/credentials")


def export_plain(service: Service) -> TestResponse:
    return export(service.asker("operator"))


def export_sealed(service: Service) -> TestResponse:
    return sealed(service.asker("operator", "credentials"))


def be_denied(service: Service) -> TestResponse:
    return service.asker("reader")("DELETE", f"{SETTINGS}/acme", headers={"If-Match": "*"})


def sign_in(service: Service, password: str = HERS) -> TestResponse:
    form = {"user": "alice", "password": password}
    client = service.app.test_client()
    return client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})


def fail_to_sign_in(service: Service) -> TestResponse:
    return sign_in(service, "wrong horse battery")


#: What is asked → the facts that it leaves, the usual status.
TOLD: Final[dict[Callable[[Service], TestResponse], tuple[tuple[type[Told], ...], int]]] = {
    read_credentials: ((CredentialsRead,), 200),
    export_plain: ((ExportMade,), 200),
    export_sealed: ((ExportMade, CredentialsRead, CredentialsRead), 200),
    be_denied: ((AccessDenied,), 403),
    sign_in: ((SignedIn,), 302),
    fail_to_sign_in: ((SignInFailed,), 401),
}


@pytest.fixture(autouse=True)
def things(service: Service) -> None:
    register_two(service.asker("operator"))
    assert service.asker("admin")("POST", "/v1/users", ALICE).status_code == 201


@pytest.mark.parametrize("ask", TOLD)
def test_what_was_answered_is_in_the_log(
    service: Service, ask: Callable[[Service], TestResponse]
) -> None:
    kinds, status = TOLD[ask]
    assert ask(service).status_code == status
    for kind in set(kinds):
        assert len(facts(service, kind)) == kinds.count(kind)


@pytest.mark.parametrize("ask", TOLD)
def test_what_cannot_be_told_is_not_answered(
    service: Service, ask: Callable[[Service], TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds, _ = TOLD[ask]
    store = type(service.relaybook.store)
    append = store.append
    types = {kind.TYPE for kind in kinds}

    def full(self: Any, appends: Any, **more: Any) -> Any:
        if types & {event.type for one in appends for event in one.events}:
            raise StoreUnavailable("the disk is full")
        return append(self, appends, **more)

    monkeypatch.setattr(store, "append", full)
    answer = ask(service)
    assert answer.status_code == 503
    assert PASSWORD not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert not [fact for kind in set(kinds) for fact in facts(service, kind)]

"""Each route by each role, tenant scope and state of token or session, as the contract has it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from argon2.profiles import CHEAPEST

from services.config_api.application import passwords
from tests.integration.security.conftest import a_service
from tests.integration.security.matrix import OTHER, TABLE, TENANT, Cell, cells, expected
from tests.integration.security.people import (
    HOST,
    SETTING,
    People,
    with_a_history,
    with_credentials,
)
from tests.integration.security.routes import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.integration.http.asking import Service


pytestmark = pytest.mark.timeout(400)  # ten thousand requests, on a machine with other work

#: A page's token looks different each time.
_MASKED = re.compile(r'name="csrf_token" value="[^"]*"')
_SPAN = re.compile(r'name="traceparent" content="[^"]*"')


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    with pytest.MonkeyPatch.context() as patch:  # a tenth of a second for each of its many users
        patch.setattr(f"{passwords.__name__}.RFC_9106_LOW_MEMORY", CHEAPEST)
        with a_service(folder, f"sqlite:///{folder / 'matrix.db'}") as service:
            everybody = People(service)
            with_credentials(everybody)
            with_a_history(everybody)
            service.relaybook.log.sealer.begin().round()  # so that there is something to prove
            yield everybody


def _routes(service: Service) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in service.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_has_every_route_and_no_other(people: People) -> None:
    """A new route is written into the table of the matrix by hand: who may use it?"""
    assert _routes(people.service) - TABLE.keys() == set(), "add these to TABLE in matrix.py"
    assert TABLE.keys() - _routes(people.service) == set(), "these routes are gone"


def _outcome(cell: Cell, answer: TestResponse) -> str:
    """Return what became of a request, in the words of `expected`."""
    status = answer.status_code
    to_sign_in = status in {302, 303} and answer.headers["Location"].endswith("/sign-in")
    if cell.route.page and cell.route.who != PUBLIC and to_sign_in:
        # Signing out leads there as well, once one is in.
        left = cell.rule == "/sign-out" and "Set-Cookie" in answer.headers
        return "in" if left else "401"
    return str(status) if status in {401, 403, 404} else "in"


def test_every_cell_of_the_matrix_is_as_the_contract_has_it(people: People) -> None:
    wrong, counted = [], Counter[str]()
    for cell in cells():
        if cell.rule == "/sign-out" and cell.shown == "session" and cell.refused is None:
            continue  # it would end what other cells use; there is a test of its own for it
        answer = people.ask(cell)
        assert answer.status_code < 500, str(cell)
        outcome, wanted = _outcome(cell, answer), expected(cell)
        public = cell.route.who == PUBLIC  # what they answer to bad input has tests of its own
        counted[wanted] += 1
        if outcome != wanted and not public:
            wrong.append(f"{cell}: {outcome} ({answer.status_code}), not {wanted}")
    assert wrong == [], "\n".join(wrong)
    assert sum(counted.values()) > 7_500, counted
    assert all(counted[wanted] > 100 for wanted in ("in", "401", "403", "404")), counted


def test_what_belongs_to_another_tenant_is_told_like_what_is_not_there(people: People) -> None:
    nothing = {"tenant": "not-there", "test": "missing-test", "position": "999999"}
    compared = 0
    for cell in cells():
        if expected(cell) != "404":
            continue
        foreign, missing = people.ask(cell), people.ask(cell, **nothing)
        assert _told(foreign, people.ids | {"tenant": TENANT}) == _told(missing, nothing), str(cell)
        compared += 1
    assert compared > 80


def _told(answer: TestResponse, ids: dict[str, Any]) -> object:
    """Return a problem without what the request itself brought, its trace and the masked token."""
    text = answer.get_data(as_text=True).replace(answer.headers["Trace-Id"], "…")
    text = _SPAN.sub("…", _MASKED.sub("…", text))
    for asked in ids.values():
        text = text.replace(str(asked), "…")
    return answer.status_code, answer.content_type, text


def test_lists_show_what_the_caller_sees(people: People) -> None:
    shown = {"/v1/smtp-settings": "id", "/v1/connection-tests": "setting_id"}
    for path, name in shown.items():
        for scope, seen in (("own", {TENANT}), ("other", {OTHER}), ("all", {TENANT, OTHER})):
            headers = people.credentials["reader", f"token of {scope}"]
            client = people.service.app.test_client(use_cookies=False)
            items = client.get(path, headers=headers).get_json()["items"]
            assert {item[name] for item in items} == seen
    for scope, tenant in (("own", TENANT), ("other", OTHER)):
        headers = people.credentials["auditor", f"token of {scope}"]
        client = people.service.app.test_client(use_cookies=False)
        events = client.get("/v1/events?limit=500", headers=headers).get_json()["items"]
        settings = [one for one in events if one["subject"].startswith("smtp_setting/")]
        assert {one["subject"] for one in settings} == {f"smtp_setting/{tenant}"}
        assert not [one for one in events if one["subject"].startswith(("token/", "user/"))]


def test_a_command_that_names_another_tenant_in_its_body_is_refused(people: People) -> None:
    client = people.service.app.test_client(use_cookies=False)
    headers = people.credentials["operator", "token of other"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/v1/smtp-settings", {"id": TENANT} | SETTING),
        ("/v1/smtp-settings", {"id": "third"} | SETTING),
        ("/v1/connection-tests", {"setting_id": TENANT}),
        ("/v1/connection-tests", {"setting_id": TENANT, "draft": {"host": "a.example"}}),
        ("/v1/exports", {"ids": [TENANT], "format": "json", "secrets": "none"}),
    ]
    for path, body in asked:
        answer = client.post(path, json=body, headers=headers)
        assert answer.status_code in {403, 404, 422}, (path, body)
        assert HOST not in answer.get_data(as_text=True)
    file = {"relaybook": 1, "settings": [{"id": TENANT, "host": "evil.example"}]}
    answer = client.post("/v1/imports?mode=update", json=file, headers=headers)
    assert answer.status_code in {403, 422}
    everything = client.post(
        "/v1/exports", json={"ids": None, "format": "json", "secrets": "none"}, headers=headers
    )
    assert [one["id"] for one in everything.get_json()["settings"]] == [OTHER]


def test_signing_out_ends_the_session(people: People) -> None:
    sent = people.session("reader", "all", "leaving")
    client = people.service.app.test_client(use_cookies=False)
    assert client.get("/v1/me", headers=sent).status_code == 200
    assert client.post("/sign-out", headers=sent).status_code == 302
    assert client.get("/v1/me", headers=sent).status_code == 401

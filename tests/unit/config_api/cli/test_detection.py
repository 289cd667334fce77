from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.config_api.cli.conftest import Done, Service

PATH = "/v1/detections"
QUEUED: dict[str, Any] = {
    "id": "d-1",
    "domain": "acme.example",
    "state": "queued",
    "proposals": [],
    "notes": [],
}
PROPOSAL = {
    "host": "smtp.acme.example",
    "port": 465,
    "security": "implicit_tls",
    "evidence": [{"code": "usual_name", "title": "The usual \x1b[31mname."}],
}


def ended(service: Service, **found: Any) -> None:
    service.answer("POST", PATH, QUEUED, 202)
    states = iter(["running", "completed"])
    service.answers["GET", f"{PATH}/d-1"] = lambda _: httpx.Response(
        200, json=QUEUED | found | {"state": next(states)}
    )


def test_proposals_are_told_with_what_speaks_for_them(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    ended(service, proposals=[PROPOSAL], notes=[{"code": "null_mx", "title": "No mail."}])
    done = relaybook("detect", "acme.example")
    assert (done.code, done.err) == (0, "No mail.\n")
    first, second = done.out.splitlines()
    assert first == "1. smtp.acme.example:465 implicit_tls"
    assert second.strip().startswith("The usual ")
    assert "\x1b" not in done.out
    assert json.loads(service.requests[0].content) == {"domain": "acme.example"}


@pytest.mark.parametrize(
    ("notes", "code"), [([], 1), (["domain_not_found"], 1), (["no_tester"], 3)]
)
def test_nothing_found_is_told_and_told_apart_from_not_known(
    service: Service, relaybook: Callable[..., Done], notes: list[str], code: int
) -> None:
    ended(service, notes=[{"code": one, "title": f"It is {one}."} for one in notes])
    done = relaybook("detect", "acme.example")
    assert (done.code, done.out) == (code, "")
    assert done.err.splitlines()[-1] == "No mail server was found for acme.example."


def test_the_whole_detection_is_told_as_json(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    ended(service, proposals=[PROPOSAL])
    done = relaybook("detect", "acme.example", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["proposals"] == [PROPOSAL]


def test_an_address_in_place_of_the_domain_is_refused(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    wrong = {"pointer": "/domain", "code": "domain_is_address", "detail": "An address."}
    service.refuse("POST", PATH, 422, "validation-failed", errors=[wrong])
    done = relaybook("detect", "mailer@acme.example")
    assert done.code == 1
    assert "An address." in done.err

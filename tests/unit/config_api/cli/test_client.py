from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from services.config_api.cli.client import Client
from services.config_api.cli.failures import Failure, Internal, NotReachable, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "http://127.0.0.1:8587"


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(URL, "rb_token", language="ja", transport=httpx.MockTransport(answer))


def test_a_request_says_who_asks_and_in_which_language() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": "acme"}, headers={"ETag": '"v1"'})

    reply = client(answer).get("/v1/smtp-settings/acme", at=None, expand="last_test")
    assert (reply.document, reply.etag) == ({"id": "acme"}, '"v1"')
    assert str(asked[0].url) == f"{URL}/v1/smtp-settings/acme?expand=last_test"
    assert asked[0].headers["Authorization"] == "Bearer rb_token"
    assert asked[0].headers["Accept-Language"] == "ja"
    assert "Idempotency-Key" not in asked[0].headers


def test_a_command_whose_answer_was_lost_is_sent_again_with_its_key() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadError("reset")
        return httpx.Response(201, json={"id": "acme"})

    assert client(answer).write("POST", "/v1/smtp-settings", {"id": "acme"}).status == 201
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_two_commands_have_two_keys() -> None:
    keys: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        keys.add(request.headers["Idempotency-Key"])
        return httpx.Response(204)

    asker = client(answer)
    assert asker.write("DELETE", "/x", if_match="*").document is None
    asker.write("DELETE", "/x", if_match="*")
    assert len(keys) == 2


def test_a_service_that_does_not_answer_is_not_reachable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(NotReachable, match="does not answer") as caught:
        client(answer).get("/v1/me")
    assert "RELAYBOOK_URL" in caught.value.advice


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Refused), (404, Refused), (412, Refused), (429, Refused), (500, Internal),
     (502, Internal), (503, NotReachable)],
)  # fmt: skip
def test_a_bad_answer_has_its_kind_and_its_problem(status: int, kind: type[Failure]) -> None:
    problem = {
        "title": "Some values are wrong",
        "detail": "Two of them.",
        "status": status,
        "errors": [
            {"pointer": "/port", "code": "out_of_range", "detail": "1 to 65535."},
            {"pointer": "", "parameter": "limit", "code": "wrong", "detail": "A number."},
            {"pointer": "", "code": "wrong", "detail": "No object."},
        ],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/problem+json"}
        return httpx.Response(status, content=json.dumps(problem), headers=headers)

    with pytest.raises(kind) as caught:
        client(answer).get("/x")
    told = (
        "Some values are wrong: Two of them.\n"
        "  /port: 1 to 65535.\n  limit: A number.\n  No object."
    )
    assert caught.value.message == told
    assert caught.value.problem == problem


def test_a_bad_answer_of_somebody_else_is_told_by_its_status() -> None:
    with pytest.raises(Internal, match="502"):
        client(lambda _: httpx.Response(502, text="<html>")).get("/x")


def test_pages_are_read_to_the_end_or_to_the_limit() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        first = int(request.url.params.get("cursor", "0"))
        following = None if first == 4 else str(first + 2)
        return httpx.Response(200, json={"items": [first, first + 1], "next": following})

    assert list(client(answer).pages("/x")) == [0, 1, 2, 3, 4, 5]
    assert list(client(answer).pages("/x", most=3)) == [0, 1, 2]


def test_a_stream_goes_on_behind_the_last_event() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Last-Event-ID"] == "7"
        return httpx.Response(200, text="id: 8\ndata: {}\n\n")

    with client(answer).stream("/v1/events/stream", last_id="7") as events:
        assert [one.id for one in events] == ["8"]


def test_a_stream_that_is_refused_raises_its_problem() -> None:
    problem = {"title": "Not found", "status": 404}
    asker = client(lambda _: httpx.Response(404, json=problem))
    with pytest.raises(Refused, match="Not found"), asker.stream("/x"):
        pytest.fail("the stream was opened")
    with pytest.raises(Refused, match="Not found"):
        list(asker.lines("/x"))

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.config_api.cli import following
from services.config_api.cli.client import Client
from services.config_api.cli.following import follow, shown_steps
from services.config_api.cli.output import Output
from services.config_api.cli.steps import step_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TEST = "/v1/connection-tests/t1"
DNS: dict[str, Any] = {
    "name": "dns",
    "state": "passed",
    "duration_ms": 1.94,
    "detail": {"addresses": ["192.0.2.7"]},
}
TCP: dict[str, Any] = {"name": "tcp", "state": "failed", "duration_ms": 0.5, "detail": {}}
PROXY: dict[str, Any] = {"name": "proxy", "state": "skipped", "duration_ms": None, "detail": {}}
ENDED = {"id": "t1", "state": "completed", "verdict": "failed"}


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "sleep", lambda _seconds: None)


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://127.0.0.1", "t", transport=httpx.MockTransport(answer))


def event(name: str, document: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(document)}\n\n"


def test_steps_are_drawn_as_they_come_until_the_test_ends() -> None:
    told = (
        event("step", DNS) + event("step", PROXY) + event("step", TCP) + event("completed", ENDED)
    )
    drawn: list[list[str]] = []

    def draw(steps: Sequence[Mapping[str, Any]]) -> None:
        drawn.append([step["name"] for step in steps])

    assert follow(client(lambda _: httpx.Response(200, text=told)), TEST, draw) == ENDED
    assert drawn == [["dns"], ["dns"], ["dns", "tcp"]]


def test_without_a_place_for_the_stream_the_test_is_asked_for_its_state() -> None:
    states = iter([{"state": "queued"}, {"state": "running"}, ENDED])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stream"):
            return httpx.Response(503, json={"title": "Unavailable"})
        return httpx.Response(200, json=next(states))

    assert follow(client(answer), TEST, lambda _steps: None) == ENDED


def test_a_stream_that_breaks_is_opened_again() -> None:
    streams = iter([event("step", DNS), event("completed", ENDED)])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stream"):
            return httpx.Response(200, text=next(streams))
        return httpx.Response(200, json={"state": "running"})

    assert follow(client(answer), TEST, lambda _steps: None) == ENDED


def test_away_from_a_terminal_each_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_steps(Output(as_json=False)) as draw:
        draw([DNS])
        draw([DNS, TCP])
    assert capsys.readouterr().out == "dns\tpassed\t1.9 ms\t192.0.2.7\ntcp\tfailed\t0.5 ms\n"


def test_in_json_steps_are_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_steps(Output(as_json=True)) as draw:
        draw([DNS])
    assert capsys.readouterr().out == ""


def test_the_servers_words_in_a_step_cannot_command_the_terminal() -> None:
    step = {"name": "banner", "state": "passed", "detail": {"text": "220 \x1b[2J", "n": {"a": 1}}}
    assert step_line(step) == "banner\tpassed\t220 \\x1b[2J a=1"

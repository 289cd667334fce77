from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.config_api.cli import language
from services.config_api.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Service:
    """Answers the command line's requests as it is told, and remembers them."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def answer(
        self, method: str, path: str, document: object = None, status: int = 200, **headers: str
    ) -> None:
        """Answer this request with a document."""
        self.answers[method, path] = lambda _: httpx.Response(
            status, json=document, headers=headers
        )

    def refuse(self, method: str, path: str, status: int, slug: str, **others: Any) -> None:
        """Answer this request with a problem."""
        problem = {"type": f"urn:relaybook:problem:{slug}", "title": slug, "status": status}
        headers = {"Content-Type": "application/problem+json"}
        self.answers[method, path] = lambda _: httpx.Response(
            status, content=json.dumps(problem | others), headers=headers
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self.answers[request.method, request.url.path](request)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Service]:
    """A service of which nothing is real; the command line finds it and its token."""
    one = Service()
    real = httpx.Client

    def client(**options: Any) -> httpx.Client:
        return real(**{**options, "transport": httpx.MockTransport(one)})

    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("RELAYBOOK_TOKEN", "rb_token")
    monkeypatch.setenv("RELAYBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C")
    yield one
    language.use("en")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of a table, with its head."""
        return [line.split("\t") for line in self.out.splitlines()]


@pytest.fixture
def relaybook(service: Service, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command line against the service."""
    assert service.requests == []

    def done(*arguments: str) -> Done:
        code = run(list(arguments))
        told = capfd.readouterr()
        return Done(code, told.out, told.err)

    return done

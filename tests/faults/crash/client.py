"""A client that notes what it asks and what it is answered, and asks again where it was not told.

The notes lie in a file that outlives the process: an answer that is noted was acknowledged.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

_REPLAYED = "Idempotent-Replayed"
_FIRST_REFUSAL = 400


@dataclass(frozen=True, kw_only=True)
class Request:
    """One command over HTTP; its place in the sequence is its idempotency key."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """What must succeed was refused."""


class Journal:
    """What was asked and answered, a line each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.stem

    def clear(self) -> None:
        self._path.write_bytes(b"")

    def note(self, *words: Any) -> None:
        """Add a line, by a system call at which nobody is killed."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.writev(descriptor, [json.dumps(words).encode() + b"\n"])
        os.close(descriptor)

    def noted(self, kind: str) -> list[list[Any]]:
        """Return the lines of one kind, without that word."""
        lines = map(json.loads, self._path.read_text("utf-8").splitlines())
        return [line[1:] for line in lines if line[0] == kind]


class Client:
    """Sends requests in order, each with its idempotency key."""

    def __init__(self, app: Flask, token: str, journal: Journal) -> None:
        self._client = app.test_client()
        self._token = token
        self._journal = journal
        self._keys = journal.name

    def send_all(self, requests: Sequence[Request]) -> None:
        """Send what was not answered yet."""
        for number in range(len(self._journal.noted("answered")), len(requests)):
            response = self._send(number, requests[number])
            text = response.get_data(as_text=True)
            if response.status_code >= _FIRST_REFUSAL:
                raise Refused(f"request {number} was answered {response.status_code}")
            etag = response.headers.get("ETag")
            self._journal.note("answered", number, response.status_code, etag, text)

    def contradictions(self, requests: Sequence[Request]) -> list[str]:
        """Send each answered request once more; return those with another answer than before."""
        found = []
        for number, *before in self._journal.noted("answered"):
            response = self._send(number, requests[number])
            etag = response.headers.get("ETag")
            again = [response.status_code, etag, response.get_data(as_text=True)]
            if again != before or response.headers.get(_REPLAYED) != "true":
                found.append(f"request {number} was answered {before[:2]}, then {again[:2]}")
        return found

    def _send(self, number: int, request: Request) -> TestResponse:
        named = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": f"{self._keys}-{number}",
        }
        body = None if request.body is None else json.dumps(request.body)
        return self._client.open(
            request.path,
            method=request.method,
            data=body,
            content_type=None if body is None else "application/json",
            headers={**named, **request.headers},
        )

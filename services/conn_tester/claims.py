"""Claims an attempt from the API, as any sending service would ask for its setting."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import h11

from events.tracing import current, span
from services.conn_tester.figures import CLAIMS
from services.conn_tester.http_line import HttpLine

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from services.conn_tester.secret import Secret

_LIMIT_S: Final = 40.0  # an access token may have to be fetched first
_AT_ONCE: Final = 16  # the API has its own work to do
_PORTS: Final = {"http": 80, "https": 443}
_OK: Final = 200
_KEPT_S: Final = 2.0  # servers close connections that rest for some seconds
_NOTHING_TO_DO: Final = frozenset({404, 409})


class ClaimUnanswered(Exception):
    """The API could not be asked or did not decide; asking again may help."""


class Claims:
    """Asks the API at `url`; proxy variables are ignored and redirects are not followed.

    It belongs to the probes' loop: a thread for each claim would cost more than the claim.
    """

    def __init__(
        self, *, url: str, token: Callable[[], Secret], tls: ssl.SSLContext | None = None
    ) -> None:
        self._url = urlsplit(url)
        self._port = self._url.port or _PORTS[self._url.scheme]
        self._token = token
        self._tls = tls
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._resting: deque[tuple[float, HttpLine]] = deque()
        self._described: dict[str, str | int] = {
            "http.request.method": "POST",
            "server.address": self._url.hostname or "",
            "server.port": self._port,
        }

    async def claim(self, test_id: str, attempt: int) -> dict[str, Any] | None:
        """Return the claim's answer, None where this attempt is taken or the test has ended.

        Raises ClaimUnanswered.
        """
        return await self._claimed("connection-tests", test_id, attempt)

    async def claim_detection(self, detection_id: str, attempt: int) -> dict[str, Any] | None:
        """Return the answer to the claim of a detection, under the same rules."""
        return await self._claimed("detections", detection_id, attempt)

    def close(self) -> None:
        """Close the connections that rest."""
        while self._resting:
            self._resting.pop()[1].close()

    async def _claimed(self, kind: str, work_id: str, attempt: int) -> dict[str, Any] | None:
        try:
            answer = await self._asked(kind, work_id, attempt)
        except ClaimUnanswered:
            CLAIMS.labels(outcome="unanswered").inc()
            raise
        CLAIMS.labels(outcome="nothing" if answer is None else "granted").inc()
        return answer

    async def _asked(self, kind: str, work_id: str, attempt: int) -> dict[str, Any] | None:
        path = f"/v1/{kind}/{quote(work_id, safe='')}/claim"
        with span(f"POST /v1/{kind}/{{id}}/claim", kind="client", attributes=self._described):
            status, body = await self._answer(path, attempt)
        if status in _NOTHING_TO_DO:
            return None
        if status != _OK:
            raise ClaimUnanswered(f"the API answered {status}")
        try:
            answer = json.loads(body)
        except ValueError:
            raise ClaimUnanswered("the API's answer is not JSON") from None
        if not isinstance(answer, dict):
            raise ClaimUnanswered("the API's answer is not an object")
        return answer

    async def _answer(self, path: str, attempt: int) -> tuple[int, bytes]:
        try:
            async with self._places, asyncio.timeout(_LIMIT_S):
                return await self._post(path, attempt)
        except (OSError, h11.ProtocolError) as error:
            raise ClaimUnanswered(f"{type(error).__name__}: {error}") from None

    async def _post(self, path: str, attempt: int) -> tuple[int, bytes]:
        token = self._token().reveal()
        line = self._rested() or await self._opened()
        try:
            answer = await line.post(
                self._url.path + path,
                json.dumps({"attempt": attempt}).encode(),
                {
                    "Host": self._url.netloc.rpartition("@")[2],
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    **_trace(),
                },
            )
        except BaseException:
            line.close()
            raise
        if line.reusable():
            self._resting.append((time.monotonic(), line))
        else:
            line.close()
        return answer

    def _rested(self) -> HttpLine | None:
        """Return a connection that was used a moment ago and is still open, the newest first."""
        while self._resting:
            since, line = self._resting.pop()
            if time.monotonic() - since < _KEPT_S and line.is_open:
                return line
            line.close()
        return None

    async def _opened(self) -> HttpLine:
        return await HttpLine.opened(self._url.hostname or "", self._port, tls=self._tls)


def _trace() -> dict[str, str]:
    place = current()
    return {} if place is None else {"traceparent": place.traceparent}

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from services.conn_tester.claims import Claims, ClaimUnanswered
from services.conn_tester.secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from typing import Any

AT_ONCE = 16
MEBIBYTE = 1024 * 1024


class Api:
    """Answers each claim with what it asked for, over connections that it keeps."""

    def __init__(self) -> None:
        self.connections = 0
        self.busy = 0
        self.busiest = 0
        self.pause_s = 0.0
        self.closing = False
        self.body: Callable[[str], bytes] = lambda target: json.dumps({"asked": target}).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head, reader, writer)
                if self.closing:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def _answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert await reader.readexactly(len(b'{"attempt": 2}')) == b'{"attempt": 2}'
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(self.pause_s)
        self.busy -= 1
        body = self.body(head.split(b" ", 2)[1].decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()


@asynccontextmanager
async def claiming(api: Api) -> AsyncIterator[Claims]:
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base"
    claims = Claims(url=url, token=lambda: Secret("rb_tester"))
    try:
        yield claims
    finally:
        claims.close()
        server.close()
        await asyncio.sleep(0.05)  # both ends see the close


def run(script: Coroutine[Any, Any, None]) -> None:
    asyncio.run(script)


def test_one_claim_after_the_other_goes_over_one_connection() -> None:
    api = Api()

    async def script() -> None:
        async with claiming(api) as claims:
            first, second = await claims.claim("t/1", 2), await claims.claim_detection("d", 2)
            assert first == {"asked": "/base/v1/connection-tests/t%2F1/claim"}
            assert second == {"asked": "/base/v1/detections/d/claim"}

    run(script())
    assert api.connections == 1


def test_a_connection_that_the_api_has_closed_is_not_used_again() -> None:
    api = Api()
    api.closing = True

    async def script() -> None:
        async with claiming(api) as claims:
            for _ in range(3):
                assert await claims.claim("t", 2) is not None
                await asyncio.sleep(0.05)

    run(script())
    assert api.connections == 3


def test_no_more_than_sixteen_claims_are_asked_for_at_once() -> None:
    api = Api()
    api.pause_s = 0.05

    async def script() -> None:
        async with claiming(api) as claims:
            answers = await asyncio.gather(*(claims.claim(f"t{n}", 2) for n in range(3 * AT_ONCE)))
            asked = {answer["asked"] for answer in answers if answer}
            assert asked == {f"/base/v1/connection-tests/t{n}/claim" for n in range(3 * AT_ONCE)}

    run(script())
    assert api.busiest == AT_ONCE
    assert api.connections == AT_ONCE


@pytest.mark.parametrize(
    "body", [b"[1]", b"{no json", b'"' + b"x" * (5 * MEBIBYTE) + b'"'], ids=["list", "text", "long"]
)
def test_an_answer_that_is_no_claim_is_none(body: bytes) -> None:
    api = Api()
    api.body = lambda _target: body

    async def script() -> None:
        async with claiming(api) as claims:
            with pytest.raises(ClaimUnanswered):
                await claims.claim("t", 2)

    run(script())


def test_an_api_that_is_not_there_is_told() -> None:
    async def script() -> None:
        claims = Claims(url="http://127.0.0.1:1", token=lambda: Secret("rb_tester"))
        with pytest.raises(ClaimUnanswered, match="Refused"):
            await claims.claim("t", 2)

    run(script())

"""HTTP to providers: guarded addresses, no proxies, no redirects, one limit for all of it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Timer
from typing import Any, Final, Self

import httpx

from services.config_api.outbound.addresses import Judge, NoAddress

LIMIT_S: Final = 8.0
_CONNECT_LIMIT_S: Final = 3.0
_LONGEST_ANSWER: Final = 1024 * 1024
_OF_THE_WIRE: Final = frozenset({"content-length", "transfer-encoding"})


class Unreachable(Exception):
    """No answer came: `reason` says why in the words of the system."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Trust:
    """The system's trust anchors and those of `ca_file`, read when they are first needed."""

    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file

    @cached_property
    def context(self) -> ssl.SSLContext:
        """The context of all connections; making one costs as much as a request."""
        context = ssl.create_default_context()
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        return context


class GuardedTransport(httpx.BaseTransport):
    """Sends a request to an address that was judged; raises NotAllowed, Unreachable.

    The name in the URL stays what TLS verifies. An answer has at most a mebibyte, and `limit_s`
    seconds are the time for all of it, however slowly it trickles in.
    """

    def __init__(self, judge: Judge, trust: Trust, *, limit_s: float = LIMIT_S) -> None:
        self._judge = judge
        self._trust = trust
        self._limit_s = limit_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the whole answer; raises NotAllowed, Unreachable."""
        url = request.url
        try:
            addresses = self._judge.addresses(url.scheme, url.host, url.port)
        except NoAddress as error:
            raise Unreachable(str(error)) from None
        body = request.read()
        reason = "no address"
        with _Deadline(self._limit_s) as deadline:
            for address in addresses:
                try:
                    return self._answer(request, address, body, deadline)
                except httpx.ConnectError as error:
                    reason = _reason(error)
                except httpx.TransportError as error:
                    raise Unreachable(_reason(error)) from None
        raise Unreachable(reason)

    def _answer(
        self, request: httpx.Request, address: str, body: bytes, deadline: _Deadline
    ) -> httpx.Response:
        headers = request.headers.copy()  # `Host` is among them
        headers["Accept-Encoding"] = "identity"
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=headers,
            content=body,
            extensions={
                "sni_hostname": request.url.host,
                "timeout": httpx.Timeout(self._limit_s, connect=_CONNECT_LIMIT_S).as_dict(),
                "trace": deadline.watch,
            },
        )
        with httpx.HTTPTransport(verify=self._trust.context, trust_env=False) as transport:
            response = transport.handle_request(sent)
            content = _bounded(response)
        return httpx.Response(
            response.status_code,
            headers=[one for one in response.headers.multi_items() if one[0] not in _OF_THE_WIRE],
            content=content,
            request=request,
        )


class _Deadline:
    """Ends the connections at the end of the time: limits of single reads do not add up to one."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        for sock in self._sockets:
            sock.close()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take notice of connections, as httpcore's extension `trace` tells of them."""
        if event == "connection.connect_tcp.complete":
            # TLS takes the descriptor away from the socket that it wraps.
            self._sockets.append(info["return_value"].get_extra_info("socket").dup())

    def _end(self) -> None:
        for sock in self._sockets:
            with suppress(OSError):  # it has ended already
                sock.shutdown(socket.SHUT_RDWR)


def _bounded(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreachable("the answer is encoded, though nobody asked for that")
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) > _LONGEST_ANSWER:
            raise Unreachable("the answer is too long")
    return bytes(content)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def guarded_client(transport: GuardedTransport) -> httpx.Client:
    """Return a client that follows no redirects and knows no proxies."""
    return httpx.Client(transport=transport, trust_env=False, follow_redirects=False)

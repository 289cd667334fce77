"""One connection to the API for one request after the other, read by h11."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

import h11

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

_LONGEST_ANSWER: Final = 4 * 1024 * 1024
_CHUNK: Final = 64 * 1024


class HttpLine:
    """An open connection. After an error it is of no more use; time limits are the caller's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._state = h11.Connection(our_role=h11.CLIENT)

    @classmethod
    async def opened(cls, host: str, port: int, *, tls: ssl.SSLContext | None) -> Self:
        """Connect, with TLS where there is a context for it; raises OSError."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls))

    @property
    def is_open(self) -> bool:
        """Tell whether the peer has kept it open, and silent, as far as is known here."""
        return not self._reader.at_eof() and not self._writer.transport.is_closing()

    def reusable(self) -> bool:
        """Tell whether another request may follow, and get ready for it."""
        if self._state.our_state is not h11.DONE or self._state.their_state is not h11.DONE:
            return False
        self._state.start_next_cycle()
        return True

    def close(self) -> None:
        """Close without ceremony."""
        self._writer.close()

    async def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return the status and the body of the answer; raises OSError, h11.ProtocolError."""
        request = h11.Request(
            method="POST",
            target=target,
            headers=[*headers.items(), ("Content-Length", str(len(body)))],
        )
        said = (request, h11.Data(data=body), h11.EndOfMessage())
        self._writer.write(b"".join(self._state.send(part) or b"" for part in said))
        status, answer = 0, bytearray()
        while True:
            event = self._state.next_event()
            if event is h11.NEED_DATA:
                self._state.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                answer += event.data
                if len(answer) > _LONGEST_ANSWER:
                    raise h11.RemoteProtocolError("the answer is too long")
            elif isinstance(event, h11.EndOfMessage):
                return status, bytes(answer)

"""Clients that send a byte a second."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.outages.site import Site

NUMBER: Final = 40
_HEAD: Final = (
    "POST /v1/smtp-settings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Authorization: Bearer {token}\r\nContent-Length: 5000\r\n\r\n{{"
)
_BEGINNINGS: Final = ("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ", _HEAD)


@contextmanager
def slow_clients(site: Site) -> Iterator[None]:
    """Keep some at it; one that was cut off comes again."""
    stop = Event()
    with ExitStack() as stack:
        ends = [stack.enter_context(_begun(site, number)) for number in range(NUMBER)]

        def trickle() -> None:
            while not stop.wait(1):
                for number, end in enumerate(ends):
                    try:
                        end.sendall(b" ")
                    except OSError:
                        with suppress(OSError):
                            ends[number] = stack.enter_context(_begun(site, number))

        thread = Thread(target=trickle)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _begun(site: Site, number: int) -> socket.socket:
    address = urlsplit(site.urls[number % len(site.urls)])
    connection = socket.create_connection((str(address.hostname), int(address.port or 0)))
    beginning = _BEGINNINGS[number % len(_BEGINNINGS)]
    connection.sendall(beginning.format(token=site.token).encode())
    return connection

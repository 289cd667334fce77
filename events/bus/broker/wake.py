"""Ends a thread's wait on a socket from another thread."""

from __future__ import annotations

import select
import socket
from contextlib import suppress


class Wake:
    """A pair of sockets: `set` in any thread makes `fileno` readable until `clear`."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)  # noqa: FBT003 -- the standard library's signature
        self._writer.setblocking(False)  # noqa: FBT003 -- the same
        self._was_set = False

    def set(self) -> None:
        """Wake the waiting thread unless it is awake already; after `close` nobody."""
        if self._was_set:
            return
        self._was_set = True
        with suppress(OSError):  # closed: nobody waits
            self._writer.send(b"\0")

    def clear(self) -> bool:
        """Forget the wake-ups so far and tell whether there were any.

        The thread then does what it is woken for: a `set` in between may have left no sign.
        """
        try:
            return bool(self._reader.recv(4096))
        except BlockingIOError:
            return False
        finally:
            self._was_set = False

    def wait(self, seconds: float, *, beside: int | None) -> bool:
        """Wait for `set`, or for the file descriptor `beside`, at most so long.

        Return whether it was set; that is forgotten.
        """
        poller = select.poll()
        poller.register(self._reader, select.POLLIN)
        if beside is not None:
            poller.register(beside, select.POLLIN)
        poller.poll(max(0.0, seconds) * 1000)
        return self.clear()

    def close(self) -> None:
        """Close both sockets."""
        self._reader.close()
        self._writer.close()

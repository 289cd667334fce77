"""One signal for many: a thread that sends what was asked for meanwhile, once."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from events.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.005
_JOIN_SECONDS = 5.0


class CoalescedSignal:
    """Calls `send` soon after `request`, once for all requests of the last few milliseconds.

    `send` may fail: that is logged, and the signal is lost. The thread starts with the first
    request.
    """

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._asked = False
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def request(self) -> None:
        """Ask for a signal; never blocks and never raises."""
        self._asked = True
        self._wake.set()
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """End the thread; a signal that was just asked for is still sent."""
        self._closed.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                thread = threading.Thread(target=self._run, name="store-signal", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._asked:
                self._asked = False
                self._try_to_send()
            if self._closed.is_set() and not self._asked:
                return
            self._closed.wait(_PAUSE_SECONDS)

    def _try_to_send(self) -> None:
        reach("wakeup.sending")
        try:
            self._send()
        except Exception:  # noqa: BLE001 -- a lost signal only costs time, the loop must live
            _log.warning("store.signal_lost", exc_info=True)

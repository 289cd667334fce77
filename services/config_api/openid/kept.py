"""What a provider publishes, kept for a while; nobody waits twice for a provider that is down."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

from services.config_api.openid.errors import SignInRefused

T = TypeVar("T")

#: A document is fetched again after an hour.
LIFETIME_S: Final = 3600.0
#: After a failure the next fetch has to wait so long; who comes meanwhile gets the same failure.
PAUSE_S: Final = 10.0
#: Fetching sooner than its lifetime asks for, at most so often.
RENEWAL_S: Final = 60.0


class Kept(Generic[T]):
    """A document and when it was fetched; `now` is a clock in seconds that never goes back."""

    def __init__(self, fetch: Callable[[], T], now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = Lock()
        self._value: T | None = None
        self._failure: SignInRefused | None = None
        self._at = 0.0

    def get(self) -> T:
        """Return the document, not older than its lifetime; raises what `fetch` raises."""
        with self._lock:
            return self._fresh_within(LIFETIME_S)

    def renewed(self) -> T:
        """Return the document not older than a minute; raises what `fetch` raises."""
        with self._lock:
            return self._fresh_within(RENEWAL_S)

    def _fresh_within(self, seconds: float) -> T:
        age = self._now() - self._at
        if self._failure is not None and age < PAUSE_S:
            raise self._failure.with_traceback(None)
        if self._value is not None and age < seconds:
            return self._value
        self._value, self._failure = None, None
        try:
            self._value = self._fetch()
        except SignInRefused as failure:
            self._failure = failure
            raise
        finally:
            self._at = self._now()
        return self._value

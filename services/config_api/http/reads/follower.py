"""Heals what the board could not tell: changes by programs that post nothing, within seconds."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from events.access import TOKEN_CATEGORY
from events.catalogue import CATALOGUE
from events.envelope import stream_name
from events.smtp_setting import CATEGORY
from events.store.port import StoreError
from services.config_api.application.loading import DEFAULT_ID
from services.config_api.http.reads.asked import paths_of

if TYPE_CHECKING:
    from events.envelope import RecordedEvent
    from events.store.port import EventStore
    from services.config_api.http.reads.shelf import Shelf
    from services.config_api.http.reads.tokens import KnownTokens

_log = logging.getLogger(__name__)
_EACH_SECONDS: Final = 1.0
_PAGE: Final = 1_000
_KINDS: Final = frozenset(
    one
    for one in CATALOGUE
    if one.startswith(("smtp_setting.", "connection_test.", "access.token_"))
)
_SETTINGS: Final = stream_name(CATEGORY, "")
_TOKENS: Final = stream_name(TOKEN_CATEGORY, "")


class Follower:
    """Forgets answers that are older than the log says; only a stranger's changes are new to it.

    It reads a little more than once, for an answer may be put on the shelf just after its events
    were looked at.
    """

    def __init__(
        self, store: EventStore, shelf: Shelf[str], pages: Shelf[Any], tokens: KnownTokens
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._pages = pages
        self._tokens = tokens
        #: Up to where the rounds before the last one, and the last one, have read.
        self.seen: tuple[int, int] | None = None
        self._closed = Event()
        self._thread = Thread(target=self._run, name="read-follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def follow(self) -> None:
        """Take what has come; raises StoreUnavailable."""
        head = self._store.head()
        if self.seen is None or head < self.seen[0]:  # the log is another one, or was cut
            self._shelf.clear()
            self._pages.clear()
            self._tokens.clear()
            self.seen = (head, head)
            return
        before, upto = self.seen
        while True:
            page = self._store.read_all(after=before, limit=_PAGE)
            # A page of some kinds alone costs the database more than the others among them.
            wanted = [event for event in page.events if event.type in _KINDS]
            for event in wanted:
                self._take(event)
            if wanted:  # any of them may be on any page
                self._pages.clear()
            before = page.upto
            if page.at_end:
                break
        self.seen = (upto, before)

    def _run(self) -> None:
        while not self._closed.wait(_EACH_SECONDS):
            try:
                self.follow()
            except StoreError:
                _log.warning("the log cannot be followed", exc_info=True)

    def _take(self, event: RecordedEvent) -> None:
        if event.stream.startswith(_TOKENS):
            if event.version > 1:  # nobody can know a token from before it was made
                self._tokens.forget(event.stream.removeprefix(_TOKENS))
            return
        if not event.stream.startswith(_SETTINGS):
            return
        tenant = event.stream.removeprefix(_SETTINGS)
        for path in paths_of(tenant):
            self._shelf.drop_older(path, tenant, event.version)
        if tenant == DEFAULT_ID:
            self._shelf.drop_older_of(tenant, event.version)

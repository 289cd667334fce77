"""Tells readers on other hosts of a commit before it is acknowledged."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from threading import Condition, Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from events.store.port import StoreUnavailable
from events.store.sql.board.topics import topics_of
from events.store.sql.postgresql.ear import Ear, EarLost
from events.store.sql.postgresql.leases import BELIEVED, HEARD, TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

    from events.store.sql.board.board import Board
    from events.store.sql.postgresql.leases import Leases

_LOOK_SECONDS: Final = 0.1
_MOST_SECONDS: Final = 30.0
_SLICE_SECONDS: Final = 0.25


class HostsNotices:
    """Keeps `Notices`' promises on several hosts: the board for the own one, leases for the others.

    As long as nobody keeps answers elsewhere it asks once a second whether that is still so, and
    does nothing else.
    """

    def __init__(self, board: Board, leases: Leases, engine: Engine) -> None:
        self._board = board
        self._leases = leases
        self._replies = _Replies(Ear(engine, HEARD))
        self._lock = Lock()
        self._others: frozenset[str] = frozenset()
        self._asked = -BELIEVED

    @contextmanager
    def changing(self, streams: Iterable[str] | None) -> Iterator[None]:
        topics = topics_of(streams)
        with self._board.posted(topics):
            yield
        if topics and self._known_others():
            self._tell(topics)

    def close(self) -> None:
        self._replies.close()
        self._board.close()

    def _known_others(self) -> frozenset[str]:
        with self._lock:
            asked = monotonic()
            if asked - self._asked > BELIEVED:
                self._others = self._leases.of_others(self._board.file.name)
                self._asked = asked
            return self._others

    def _tell(self, topics: frozenset[int]) -> None:
        """Tell the others and wait for them; raises StoreUnavailable where one does not answer.

        It is told again at each look: a reply is lost while this side's session is.
        """
        notice, own = secrets.token_hex(8), self._board.file.name
        words = f"{notice} {own} {','.join(map(str, sorted(topics)))}"
        until = monotonic() + _MOST_SECONDS
        self._replies.expect(notice)
        try:
            while missing := self._leases.of_others(own) - self._replies.of(notice):
                if monotonic() > until:
                    raise StoreUnavailable(f"readers on other hosts do not answer: {len(missing)}")
                self._leases.say(TOLD, words)
                self._replies.wait(notice, missing, _LOOK_SECONDS)
        finally:
            self._replies.forget(notice)


class _Replies:
    """Who has heard which notice; its thread starts with the first one."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._heard: dict[str, set[str]] = {}
        self._changed = Condition()
        self._closed = Event()
        self._listens = Event()
        self._thread: Thread | None = None

    def expect(self, notice: str) -> None:
        with self._changed:
            self._heard[notice] = set()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="read-replies", daemon=True)
                self._thread.start()
        self._listens.wait(_MOST_SECONDS)

    def of(self, notice: str) -> set[str]:
        with self._changed:
            return set(self._heard[notice])

    def wait(self, notice: str, missing: frozenset[str], seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: missing <= self._heard[notice], seconds)

    def forget(self, notice: str) -> None:
        with self._changed:
            del self._heard[notice]

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._ear.open()
                self._listens.set()
                self._take(self._ear.hear(_SLICE_SECONDS))
            except EarLost:
                self._listens.clear()
                self._closed.wait(_SLICE_SECONDS)
        self._ear.close()

    def _take(self, replies: list[str]) -> None:
        with self._changed:
            for reply in replies:
                notice, _, lease = reply.partition(" ")
                if notice in self._heard:
                    self._heard[notice].add(lease)
            self._changed.notify_all()

"""Sees the changes of all hosts: by the board those of its own, by what writers tell the others."""

from __future__ import annotations

import secrets
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from events.store.port import StoreUnavailable
from events.store.sql.board.topics import EVERYTHING
from events.store.sql.postgresql.ear import Ear, EarLost
from events.store.sql.postgresql.leases import BELIEVED, HEARD, LASTS, TOLD
from events.store.sql.sight import BoardSight

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.store.sql.board.board import Board
    from events.store.sql.postgresql.leases import Leases

_RENEWED_EVERY: Final = 0.75
_SLICE_SECONDS: Final = 0.25
#: Clocks of two hosts may differ in their pace, by far less than this.
_MARGIN: Final = 0.25


class LeaseSight(BoardSight):
    """Holds a lease while it hears what writers of other hosts tell, and says that it has heard.

    A lease that is new, or that had lapsed, counts only once every writer must know of it; what was
    kept by then is forgotten.
    """

    def __init__(self, board: Board, leases: Leases, engine: Engine) -> None:
        super().__init__(board)
        self._leases = leases
        self._ear = Ear(engine, TOLD)
        self._lease = secrets.token_hex(8)
        self._lapses = 0.0
        self._counts_from = 0.0

    def _prolong(self, began: float) -> None:
        try:
            self._hold(began)
        except EarLost as error:
            raise StoreUnavailable(f"nobody tells of changes: {error}") from error

    def _hold(self, began: float) -> None:
        is_new = self._ear.open()
        self._leases.renew(self._lease, self.board.file.name)
        if is_new or monotonic() >= self._lapses:
            self.until = 0.0
            self._counts_from = monotonic() + BELIEVED + _MARGIN
        self._lapses = began + LASTS - _MARGIN
        self._take(self._ear.hear(0))
        if self.until == 0.0:
            if monotonic() < self._counts_from:
                return
            self.board.file.post(frozenset({EVERYTHING}))
        self.until = self._lapses

    def _pause(self) -> None:
        next_look = monotonic() + _RENEWED_EVERY
        while (left := next_look - monotonic()) > 0 and not self._closed.is_set():
            try:
                self._take(self._ear.hear(min(left, _SLICE_SECONDS)))
            except (EarLost, StoreUnavailable):
                self._closed.wait(_SLICE_SECONDS)
                return

    def _take(self, notices: list[str]) -> None:
        for words in notices:
            notice, board, topics = words.split(" ")
            if board != self.board.file.name:
                self.board.file.post(frozenset(int(topic) for topic in topics.split(",")))
                self._leases.say(HEARD, f"{notice} {self._lease}")

    def _end(self) -> None:
        self._ear.close()
        with suppress(StoreUnavailable):
            self._leases.end(self._lease)

"""How often somebody may try to sign in, counted in the database for all processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, bindparam, delete, insert, select

from events.envelope import new_id
from events.store.sql.failures import translated
from services.config_api.application.token_text import hashed
from services.config_api.read_model.operational_tables import sign_in_tries

MOST_TRIES: Final = 10
WINDOW: Final = timedelta(minutes=5)
#: So few digits tell nothing of a password that was typed as a name; users that share them share
#: their tries, too.
_DIGITS: Final = 6

_NEW = insert(sign_in_tries)
_TIMES = (
    select(sign_in_tries.c.at)
    .where(sign_in_tries.c.subject == bindparam("subject_"))
    .where(sign_in_tries.c.at > bindparam("since"))
    .order_by(sign_in_tries.c.at)
)
_END = delete(sign_in_tries).where(sign_in_tries.c.id == bindparam("wanted"))
_OLD = delete(sign_in_tries).where(sign_in_tries.c.at <= bindparam("since"))


class TooManyTries(Exception):
    """A user or an address tried too often; `seconds` until the next try is taken."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries; wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInTries:
    """Counts tries by user and by address: those that failed, and those under way."""

    engine: Engine

    def begin(self, user: str | None, address: str | None, at: datetime) -> str:
        """Count a try and return its id; raises TooManyTries, and then does not count it.

        The try is committed before the tries are counted: of many at once, in any number of
        processes, no more than ten can pass.
        """
        subjects = [f"address:{address or '-'}"]
        if user is not None:
            subjects.append(f"user:{hashed(user)[:_DIGITS]}")
        try_id = new_id()
        rows = [{"id": try_id, "subject": subject, "at": at} for subject in subjects]
        with translated(), self.engine.begin() as connection:
            connection.execute(_NEW, rows)
        waits = [wait for subject in subjects if (wait := self._seconds(subject, at)) > 0]
        if waits:
            self.end(try_id)
            raise TooManyTries(max(waits))
        return try_id

    def end(self, try_id: str) -> None:
        """Forget a try: it succeeded, or it was not taken."""
        with translated(), self.engine.begin() as connection:
            connection.execute(_END, {"wanted": try_id})

    def forget_old(self, at: datetime) -> None:
        """Delete the tries that count no more."""
        with translated(), self.engine.begin() as connection:
            connection.execute(_OLD, {"since": at - WINDOW})

    def _seconds(self, subject: str, at: datetime) -> int:
        with translated(), self.engine.begin() as connection:
            values = {"subject_": subject, "since": at - WINDOW}
            times: Sequence[datetime] = connection.execute(_TIMES, values).scalars().all()
        if len(times) <= MOST_TRIES:
            return 0
        # The newest of them is this try itself; a place is free when the tenth before it is old.
        free_at = times[-MOST_TRIES - 1] + WINDOW
        return max(1, math.ceil((free_at - at).total_seconds()))

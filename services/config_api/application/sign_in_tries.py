"""How often somebody may try to sign in, counted in the database for all processes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from services.config_api.application.token_text import hashed
from services.config_api.application.tries import Tries
from services.config_api.read_model.operational_tables import sign_in_tries

MOST_TRIES: Final = 10
WINDOW: Final = timedelta(minutes=5)
#: So few digits tell nothing of a password that was typed as a name; users that share them share
#: their tries, too.
_DIGITS: Final = 6


def _origin(address: str | None) -> str:
    """Return what counts as one address: of IPv6 a /64, which a single machine may have whole."""
    found = None if address is None else ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return address or "-"


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
        """Count a try and return its id; raises TooManyTries, and then does not count it."""
        subjects = [f"address:{_origin(address)}"]
        if user is not None:
            subjects.append(f"user:{hashed(user)[:_DIGITS]}")
        limits = dict.fromkeys(subjects, MOST_TRIES)
        try_id, wait = self._tries().begin(limits, window=WINDOW, at=at)
        if wait:
            raise TooManyTries(wait)
        return try_id

    def end(self, try_id: str) -> None:
        """Forget a try: it succeeded, or it was not taken."""
        self._tries().end(try_id)

    def forget_old(self, at: datetime) -> None:
        """Delete the tries that count no more."""
        self._tries().forget_before(at - WINDOW)

    def _tries(self) -> Tries:
        return Tries(engine=self.engine, table=sign_in_tries)

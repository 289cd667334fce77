"""How often tests may be asked for (RELAYBOOK_TEST_RATE), counted in the database.

Tests could be used to guess passwords and to scan: so the tests of one principal are counted, and
as many of one setting, and of one user at one host, whoever asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from events.smtp_setting import SettingValues
from services.config_api.application.token_text import hashed
from services.config_api.application.tries import Tries
from services.config_api.domain.effective import mail_hosts
from services.config_api.domain.errors import TooManyTests
from services.config_api.read_model.operational_tables import test_tries
from services.config_api.settings_values import Rate

_KEPT: Final = timedelta(days=1)  # the longest time that a rate can name


@dataclass(frozen=True, kw_only=True, slots=True)
class AskingRate:
    """Counts what is asked for; `rate` None lifts all limits."""

    engine: Engine
    rate: Rate | None

    def take(
        self,
        actor: str,
        at: datetime,
        *,
        setting_id: str | None = None,
        values: SettingValues | None = None,
    ) -> str | None:
        """Count a test and return the id to give back; raises TooManyTests and counts nothing."""
        if self.rate is None:
            return None
        subjects = [f"principal:{actor}", *_shared(setting_id, values)]
        limits = dict.fromkeys(subjects, self.rate.count)
        window = timedelta(seconds=self.rate.seconds)
        try_id, wait = self._tries().begin(limits, window=window, at=at)
        if wait:
            raise TooManyTests(wait, count=self.rate.count, seconds=self.rate.seconds)
        return try_id

    def give_back(self, try_id: str | None) -> None:
        """Forget a test that was not made."""
        if try_id is not None:
            self._tries().end(try_id)

    def forget_old(self, at: datetime) -> None:
        """Delete what counts no more under any rate."""
        self._tries().forget_before(at - _KEPT)

    def _tries(self) -> Tries:
        return Tries(engine=self.engine, table=test_tries)


def _shared(setting_id: str | None, values: SettingValues | None) -> list[str]:
    subjects = [] if setting_id is None else [f"setting:{setting_id}"]
    if values is not None and values.auth.user:
        logins = [f"{host} {values.auth.user}" for host in mail_hosts(values)]
        subjects += [f"login:{hashed(login)}" for login in logins]
    return subjects

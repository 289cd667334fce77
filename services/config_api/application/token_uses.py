"""When tokens were used last: noted once a minute at most, and never in the way of a request."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from services.config_api.read_model.operational_tables import token_uses

NOTED_EVERY: Final = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenUses:
    """Notes the use of tokens; what this process has noted lately is not written again."""

    engine: Engine
    _noted: dict[str, datetime] = field(default_factory=dict)

    def note(self, token_id: str, at: datetime) -> None:
        """Note that a token is used; a database that takes nothing now does not matter."""
        noted = self._noted.get(token_id)
        if noted is not None and at - noted < NOTED_EVERY:
            return
        self._noted[token_id] = at
        try:
            self._write(token_id, at)
        except SQLAlchemyError:
            _log.warning("the use of a token could not be noted", exc_info=True)

    def _write(self, token_id: str, at: datetime) -> None:
        dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        new = dialect.insert(token_uses).values(token_id=token_id, used_at=at)
        newer = new.on_conflict_do_update(
            index_elements=["token_id"],
            set_={"used_at": new.excluded.used_at},
            where=token_uses.c.used_at < new.excluded.used_at,
        )
        with self.engine.begin() as connection:
            connection.execute(newer)

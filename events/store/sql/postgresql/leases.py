"""Who keeps answers on which host: a row each, which ends by itself unless it is renewed.

On one host the board tells readers of changes. A reader on another one does not see that board, so
whoever writes asks here who they are, and waits for each of them or for the end of its lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from events.store.sql.failures import translated

if TYPE_CHECKING:
    from sqlalchemy import Engine, TextClause

#: Seconds that a lease lasts from its last renewal.
LASTS: Final = 3.0
#: Seconds for which a writer may believe that nobody else has come to keep answers.
BELIEVED: Final = 1.0
#: What changes is told here, and that it was heard, there.
TOLD: Final = "relaybook_reads"
HEARD: Final = "relaybook_reads_heard"

_RENEW: Final = text(
    "INSERT INTO read_leases (id, board, until)"
    " VALUES (:id, :board, clock_timestamp() + make_interval(secs => :lasts))"
    " ON CONFLICT (id) DO UPDATE SET until = excluded.until"
)
_OTHERS: Final = text(
    "SELECT id FROM read_leases WHERE board <> :board AND until > clock_timestamp()"
)
_END: Final = text("DELETE FROM read_leases WHERE id = :id OR until < now() - interval '1 hour'")
_SAY: Final = text("SELECT pg_notify(:channel, :words)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Leases:
    """The rows; `engine` is in autocommit. Raises StoreUnavailable."""

    engine: Engine

    def renew(self, lease: str, board: str) -> None:
        """Begin a reader's lease, or let it last from now on."""
        self._run(_RENEW, id=lease, board=board, lasts=LASTS)

    def end(self, lease: str) -> None:
        """End a reader's lease, and forget those that ended long ago."""
        self._run(_END, id=lease)

    def of_others(self, board: str) -> frozenset[str]:
        """Return the leases of readers who do not see a board."""
        with translated(), self.engine.connect() as connection:
            return frozenset(connection.execute(_OTHERS, {"board": board}).scalars())

    def say(self, channel: str, words: str) -> None:
        """Tell all who listen to a channel."""
        self._run(_SAY, channel=channel, words=words)

    def _run(self, statement: TextClause, **values: Any) -> None:  # noqa: ANN401 -- SQL's values
        with translated(), self.engine.connect() as connection:
            connection.execute(statement, values)

"""Exchanges, queues and leased messages as rows of the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from events.topic import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

#: No lease is longer; one that seems so was given before the clock was set back.
LONGEST_LEASE: Final = 60.0

_FREE: Final = "(lease_until <= :now OR lease_until > :now + :longest)"
_PUT: Final = """
    INSERT INTO messages (queue, exchange, routing_key, message_id, content_type, headers, body)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_LEASE: Final = f"""
    UPDATE messages SET holder = :holder, lease_until = :until, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM messages WHERE queue = :queue AND {_FREE} ORDER BY id LIMIT :limit
    )
    RETURNING id, exchange, routing_key, message_id, content_type, headers, body, attempts
"""  # noqa: S608 -- both parts are constants of this module
_TAKE: Final = f"""
    DELETE FROM messages
    WHERE id IN (
        SELECT id FROM messages WHERE queue = :queue AND {_FREE} ORDER BY id LIMIT :limit
    )
    RETURNING id, exchange, routing_key, message_id, content_type, headers, body, attempts + 1
"""  # noqa: S608 -- both parts are constants of this module


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A message as it lies in a queue; `attempts` counts deliveries, this one too."""

    id: int
    exchange: str
    routing_key: str
    message_id: str
    content_type: str
    headers: dict[str, Any]
    body: bytes
    attempts: int


class UnknownExchange(LookupError):
    """A message was published to an exchange that nobody declared."""


class Queues:
    """The statements; transactions are the caller's. Times are seconds since the epoch."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 -- one of two modules' connections
        self._connection = connection
        self._run = connection.execute

    def declare_exchange(self, name: str) -> None:
        self._run("INSERT OR IGNORE INTO exchanges (name) VALUES (?)", (name,))

    def declare_queue(self, name: str, *, alive_until: float | None) -> None:
        self._run(
            "INSERT OR IGNORE INTO queues (name, alive_until) VALUES (?, ?)", (name, alive_until)
        )

    def bind(self, queue: str, exchange: str, routing_key: str) -> None:
        self._run(
            "INSERT OR IGNORE INTO bindings (exchange, routing_key, queue) VALUES (?, ?, ?)",
            (exchange, routing_key, queue),
        )

    def has_queue(self, name: str) -> bool:
        return self._one("SELECT 1 FROM queues WHERE name = ?", (name,)) is not None

    def drop_queue(self, name: str) -> None:
        self._run("DELETE FROM queues WHERE name = ?", (name,))

    def purge(self, name: str) -> int:
        return int(self._run("DELETE FROM messages WHERE queue = ?", (name,)).rowcount)

    def waiting(self, queue: str, *, now: float) -> int:
        """Return how many messages nobody holds."""
        row = self._one(
            f"SELECT count(*) FROM messages WHERE queue = :queue AND {_FREE}",  # noqa: S608 -- constant
            {"queue": queue, "now": now, "longest": LONGEST_LEASE},
        )
        return int(row[0])

    def routes(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """Return the queues for each (exchange, routing key); raises UnknownExchange."""
        bindings: dict[str, list[tuple[str, str]]] = {}
        found: dict[tuple[str, str], list[str]] = {}
        for exchange, routing_key in set(keys):
            if not exchange:
                found[exchange, routing_key] = [routing_key] * self.has_queue(routing_key)
                continue
            if exchange not in bindings:
                bindings[exchange] = self._bindings(exchange)
            takers = {queue for key, queue in bindings[exchange] if matches(key, routing_key)}
            found[exchange, routing_key] = sorted(takers)
        return found

    def put(self, queue: str, message: Stored) -> None:
        self._run(
            _PUT,
            (
                queue,
                message.exchange,
                message.routing_key,
                message.message_id,
                message.content_type,
                json.dumps(message.headers),
                message.body,
            ),
        )

    def has_free(self, queues: Collection[str], *, now: float) -> bool:
        """Tell whether a message could be had from one of the queues."""
        return any(
            self._one(
                f"SELECT 1 FROM messages WHERE queue = :queue AND {_FREE} LIMIT 1",  # noqa: S608 -- constant
                {"queue": queue, "now": now, "longest": LONGEST_LEASE},
            )
            for queue in queues
        )

    def lease(
        self, queue: str, *, holder: str, limit: int, now: float, until: float
    ) -> list[Stored]:
        """Take the oldest free messages until they are settled, or until `until`."""
        values = {"queue": queue, "holder": holder, "limit": limit, "until": until}
        return self._stored(_LEASE, {**values, "now": now, "longest": LONGEST_LEASE})

    def take(self, queue: str, *, limit: int, now: float) -> list[Stored]:
        """Take the oldest free messages for good."""
        values = {"queue": queue, "limit": limit, "now": now, "longest": LONGEST_LEASE}
        return self._stored(_TAKE, values)

    def remove(self, ids: Iterable[int], *, holder: str) -> None:
        """Delete messages that are done, unless another holder has them by now."""
        self._connection.executemany(
            "DELETE FROM messages WHERE id = ? AND holder = ?", [(id_, holder) for id_ in ids]
        )

    def release(self, ids: Iterable[int], *, holder: str) -> None:
        """Give messages back at their old places."""
        self._connection.executemany(
            "UPDATE messages SET holder = NULL, lease_until = 0 WHERE id = ? AND holder = ?",
            [(id_, holder) for id_ in ids],
        )

    def release_all(self, holder: str) -> None:
        self._run("UPDATE messages SET holder = NULL, lease_until = 0 WHERE holder = ?", (holder,))

    def extend(self, holder: str, *, until: float) -> None:
        self._run("UPDATE messages SET lease_until = ? WHERE holder = ?", (until, holder))

    def keep_queue(self, name: str, *, until: float) -> bool:
        """Say that a listener lives; False where its queue was cleared away meanwhile."""
        kept = self._run("UPDATE queues SET alive_until = ? WHERE name = ?", (until, name))
        return bool(kept.rowcount)

    def drop_stale_queues(self, *, now: float) -> None:
        """Clear away the queues of listeners that died."""
        if self._one("SELECT 1 FROM queues WHERE alive_until < ? LIMIT 1", (now,)):
            self._run("DELETE FROM queues WHERE alive_until < ?", (now,))

    def _bindings(self, exchange: str) -> list[tuple[str, str]]:
        if self._one("SELECT 1 FROM exchanges WHERE name = ?", (exchange,)) is None:
            raise UnknownExchange(f"there is no exchange {exchange}")
        rows = self._run("SELECT routing_key, queue FROM bindings WHERE exchange = ?", (exchange,))
        return [(row[0], row[1]) for row in rows]

    def _one(self, statement: str, values: Any) -> Any:  # noqa: ANN401 -- a row of any shape
        return self._run(statement, values).fetchone()

    def _stored(self, statement: str, values: dict[str, Any]) -> list[Stored]:
        return sorted(
            (
                Stored(
                    id=row[0],
                    exchange=row[1],
                    routing_key=row[2],
                    message_id=row[3],
                    content_type=row[4],
                    headers=json.loads(row[5]),
                    body=row[6],
                    attempts=row[7],
                )
                for row in self._run(statement, values).fetchall()
            ),
            key=lambda stored: stored.id,
        )

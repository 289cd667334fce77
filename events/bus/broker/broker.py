"""How one broker is reached, and what its trouble looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kombu import Connection
from kombu.exceptions import ChannelError, ConnectionError, KombuError  # noqa: A004 -- kombu's name

from events.bus import topology

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from events.bus.broker.wake import Wake

#: What a broken connection or a refused request raises, whatever the broker. Lost connections show
#: as AttributeError here and there in py-amqp (said in kombu's own transport).
TROUBLE: Final[tuple[type[Exception], ...]] = (
    KombuError,
    ConnectionError,
    ChannelError,
    OSError,
    AttributeError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Times in seconds; one place, so that tests need not wait.

    `confirm` bounds a page, `connect` a connection attempt; `retry` is the pause before each
    further delivery, the last one repeated; `reconnect` the first and the longest pause; `check`
    the longest wait before leases and heartbeats are looked after.
    """

    confirm: float = 10.0
    connect: float = 4.0
    heartbeat: float = 20.0
    park_again: float = 5.0
    retry: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    reconnect: tuple[float, float] = (0.2, 4.0)  # within 10 s of a broker's return all works again
    check: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """A broker by its URL, with what differs from other brokers; `system` is what it is called.

    `wait(connection, wake, seconds)` returns when the connection has something to read, `wake` was
    set, or the time is over. `trouble` is what its failures raise.
    """

    system: str
    url: str
    wait: Callable[[Any, Wake, float], None]
    trouble: tuple[type[Exception], ...] = TROUBLE
    ssl: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    def connect(self, *, heartbeat: bool) -> Any:  # noqa: ANN401 -- kombu has no types
        """Return an open kombu connection with everything declared; raises one of `trouble`."""
        connection = Connection(
            self.url,
            connect_timeout=self.pace.connect,
            heartbeat=self.pace.heartbeat if heartbeat else 0,
            ssl=dict(self.ssl) if self.ssl else False,
            transport_options=dict(self.options),
        )
        try:
            connection.ensure_connection(max_retries=0)
            with connection.channel() as channel:
                topology.declare(channel)
        except Exception:
            connection.collect(socket_timeout=1)
            raise
        return connection

"""RabbitMQ (AMQP 0-9-1), reached by kombu over py-amqp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from events.bus.broker.broker import Broker, Pace
from events.bus.broker.bus import KombuBus
from events.bus.port import BusError

if TYPE_CHECKING:
    from events.bus.broker.wake import Wake


def rabbitmq_bus(url: str, *, pace: Pace | None = None) -> KombuBus:
    """Return the bus at `amqp://` or `amqps://` (its certificate must be valid for the host)."""
    pace = pace or Pace()
    secure = urlsplit(url).scheme == "amqps"
    return KombuBus(
        Broker(
            system="rabbitmq",
            url=url,
            wait=wait_for_socket,
            ssl={"context": {"check_hostname": True}, "server_hostname": None} if secure else None,
            options={"read_timeout": pace.confirm, "write_timeout": pace.confirm},
            pace=pace,
        )
    )


def rabbitmq_version(url: str) -> str:
    """Return what version a broker says it is; raises BusError where it does not answer."""
    broker = rabbitmq_bus(url).broker
    try:
        connection = broker.connect(heartbeat=False)
    except broker.trouble as error:
        raise BusError(f"the broker does not answer: {error!r}") from error
    try:
        return str(connection.connection.server_properties["version"])
    finally:
        connection.release()


def wait_for_socket(connection: Any, wake: Wake, seconds: float) -> None:  # noqa: ANN401 -- no types
    """Wait until the connection's socket is readable; everything before must have been read."""
    wake.wait(seconds, beside=connection.connection.sock.fileno())

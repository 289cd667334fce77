"""What RabbitMQ alone can do to its clients."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import trustme
from kombu import Connection

from events.bus import topology
from events.bus.port import BusError, NotPublished
from events.bus.rabbitmq import rabbitmq_bus, rabbitmq_version
from events.bus.topology import CONNECTION_TESTS, DEAD_LETTERS, DELIVERY_LIMIT
from tests.contract.bus.conftest import QUICK
from tests.contract.bus.kit import Inbox, eventually, keep, publish, receive, running, work
from tests.contract.bus.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from events.bus.broker.broker import Pace
    from events.bus.broker.bus import KombuBus
    from events.bus.port import Delivery
    from tests.contract.bus.conftest import Tested

IMPATIENT = replace(QUICK, confirm=1.0, connect=1.0, heartbeat=1.0)


@pytest.fixture
def proxy(rabbitmq: Tested) -> Iterator[Proxy]:
    proxy = Proxy(_port(rabbitmq.url))
    yield proxy
    proxy.close()


def _port(url: str) -> int:
    return urlsplit(url).port or 5672


def _address(url: str, *, scheme: str = "amqp", password: str = "guest", port: int) -> str:
    parts = urlsplit(url)
    return f"{scheme}://{parts.username}:{password}@127.0.0.1:{port}{parts.path}"


def _through(proxy: Proxy, rabbitmq: Tested, pace: Pace = QUICK, scheme: str = "amqp") -> KombuBus:
    return rabbitmq_bus(_address(rabbitmq.url, scheme=scheme, port=proxy.port), pace=pace)


def test_a_broker_tells_its_version(rabbitmq: Tested) -> None:
    assert rabbitmq.bus.system == "rabbitmq"
    assert int(rabbitmq_version(rabbitmq.url).split(".")[0]) >= 3


def test_a_broker_that_is_not_there_has_no_version() -> None:
    with pytest.raises(BusError, match="does not answer"):
        rabbitmq_version("amqp://guest:guest@127.0.0.1:1//")


def test_a_consumer_receives_again_after_its_connection_was_cut(
    rabbitmq: Tested, proxy: Proxy
) -> None:
    inbox = Inbox(then=keep)
    with running(_through(proxy, rabbitmq).consumer(CONNECTION_TESTS, prefetch=4), inbox):
        publish(rabbitmq.bus, work(1))
        eventually(lambda: inbox.ids == ["m1"])
        proxy.cut()
        eventually(lambda: inbox.ids == ["m1", "m1"])
        inbox.came[0].ack()  # of the connection that is gone: dropped
        inbox.came[1].ack()
        publish(rabbitmq.bus, work(2))
        eventually(lambda: inbox.ids == ["m1", "m1", "m2"])
        inbox.came[2].ack()
    assert rabbitmq.bus.depth(CONNECTION_TESTS) == 0


def test_a_publisher_notices_a_connection_that_was_cut_before_it_sends(
    rabbitmq: Tested, proxy: Proxy
) -> None:
    publisher = _through(proxy, rabbitmq).publisher()
    publisher.publish([work(1)])
    proxy.cut()
    time.sleep(0.1)
    publisher.publish([work(2)])
    publisher.close()
    assert receive(rabbitmq.bus, CONNECTION_TESTS, 2).ids == ["m1", "m2"]


def test_a_queue_that_nobody_has_declared_yet_holds_nothing(rabbitmq: Tested) -> None:
    with Connection(rabbitmq.url) as connection:
        topology.queue(CONNECTION_TESTS)(connection.channel()).delete()
    assert CONNECTION_TESTS not in rabbitmq.queues()
    assert rabbitmq.bus.depth(CONNECTION_TESTS) == 0


def test_a_page_that_a_silent_broker_does_not_confirm_fails_in_time(
    rabbitmq: Tested, proxy: Proxy
) -> None:
    publisher = _through(proxy, rabbitmq, IMPATIENT).publisher()
    publisher.publish([work(1)])
    proxy.silence()
    began = time.monotonic()
    with pytest.raises(NotPublished):
        publisher.publish([work(2)])
    assert time.monotonic() - began < 3.0
    proxy.resume()
    publisher.publish([work(3)])
    publisher.close()
    assert "m3" in receive(rabbitmq.bus, CONNECTION_TESTS, rabbitmq.bus.depth(CONNECTION_TESTS)).ids


def test_a_consumer_notices_a_silent_broker_by_its_heartbeats(
    rabbitmq: Tested, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    with running(
        _through(proxy, rabbitmq, IMPATIENT).consumer(CONNECTION_TESTS, prefetch=1), inbox
    ):
        publish(rabbitmq.bus, work(1))
        eventually(lambda: inbox.ids == ["m1"])
        proxy.silence()
        eventually(lambda: "heartbeats missed" in caplog.text, within=8.0)
        proxy.resume()
        publish(rabbitmq.bus, work(2))
        eventually(lambda: "m2" in inbox.ids)


def test_a_consumer_keeps_an_idle_connection_alive(
    rabbitmq: Tested, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    with running(
        _through(proxy, rabbitmq, IMPATIENT).consumer(CONNECTION_TESTS, prefetch=1), inbox
    ):
        time.sleep(4.0)
        publish(rabbitmq.bus, work(1))
        eventually(lambda: inbox.ids == ["m1"], within=1.0)
    assert "broke off" not in caplog.text


def test_without_a_broker_everything_fails_in_time_and_a_consumer_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bus = rabbitmq_bus(f"amqp://guest:s3cret@127.0.0.1:{port}/", pace=QUICK)
    with pytest.raises(NotPublished) as failed:
        bus.publisher().publish([work(1)])
    assert "s3cret" not in str(failed.value)
    with pytest.raises(BusError):
        bus.depth(CONNECTION_TESTS)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=1), keep):
        time.sleep(0.5)


def test_a_wrong_password_is_refused(rabbitmq: Tested) -> None:
    bus = rabbitmq_bus(
        _address(rabbitmq.url, password="wr0ng", port=_port(rabbitmq.url)), pace=QUICK
    )
    with pytest.raises(NotPublished) as failed:
        bus.publisher().publish([work(1)])
    assert "wr0ng" not in str(failed.value)


def test_a_queue_that_was_deleted_is_declared_again(rabbitmq: Tested) -> None:
    publisher = rabbitmq.bus.publisher()
    publisher.publish([work(1)])
    with Connection(rabbitmq.url) as connection:
        topology.queue(CONNECTION_TESTS)(connection.channel()).delete()
    with pytest.raises(NotPublished):
        publisher.publish([work(2)])
    publisher.publish([work(3)])
    publisher.close()
    assert receive(rabbitmq.bus, CONNECTION_TESTS, 1).ids == ["m3"]


def test_a_dead_letter_waits_until_its_queue_is_there_again(rabbitmq: Tested) -> None:
    def drop_dead_letters() -> None:
        with Connection(rabbitmq.url) as connection:
            topology.queue(DEAD_LETTERS)(connection.channel()).delete()

    publish(rabbitmq.bus, work(1), work(2))
    bus = rabbitmq_bus(rabbitmq.url, pace=replace(QUICK, park_again=0.2))
    inbox = Inbox(then=keep)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=2), inbox):
        eventually(lambda: len(inbox.came) == 2)
        inbox.came[0].park("first")
        eventually(lambda: rabbitmq.bus.depth(DEAD_LETTERS) == 1)
        drop_dead_letters()
        inbox.came[1].park("second")
        eventually(lambda: rabbitmq.bus.depth(DEAD_LETTERS) == 1)
    (letter,) = receive(rabbitmq.bus, DEAD_LETTERS, 1).came
    assert letter.message.id == "m2"


def test_work_lies_on_disk_in_quorum_queues_with_a_limit(rabbitmq: Tested) -> None:
    publish(rabbitmq.bus, work(1))
    with Connection(rabbitmq.url) as connection:
        queue = topology.queue(CONNECTION_TESTS)(connection.channel())
        message = queue.get(no_ack=True)
        assert message.properties["delivery_mode"] == 2
        assert message.content_type == "application/json"
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-delivery-limit"] == DELIVERY_LIMIT


@pytest.mark.parametrize(
    ("name", "trusted"), [("127.0.0.1", True), ("mail.example", False)], ids=["same", "other"]
)
def test_over_tls_the_certificate_must_be_valid_for_the_host(
    rabbitmq: Tested,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    proxy = Proxy(_port(rabbitmq.url), tls=context)
    bus = _through(proxy, rabbitmq, scheme="amqps")
    try:
        if trusted:
            publish(bus, *[work(number) for number in range(50)])
            assert len(receive(bus, CONNECTION_TESTS, 50).came) == 50
        else:
            with pytest.raises(NotPublished, match="certificate"):
                publish(bus, work(1))
    finally:
        proxy.close()
    assert rabbitmq.bus.depth(CONNECTION_TESTS) == 0


def test_what_was_acknowledged_before_a_stop_does_not_come_again(rabbitmq: Tested) -> None:
    publish(rabbitmq.bus, *[work(number) for number in range(3_000)])
    came = 0

    def acknowledge_and_stop(delivery: Delivery) -> None:
        nonlocal came
        came += 1
        delivery.ack()
        if came == 3_000:
            consumer.stop()

    consumer = rabbitmq.bus.consumer(CONNECTION_TESTS, prefetch=64)
    consumer.run(acknowledge_and_stop)
    assert rabbitmq.bus.depth(CONNECTION_TESTS) == 0

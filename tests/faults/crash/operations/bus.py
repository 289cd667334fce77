"""What goes over the bus: the log, tests, their claims and results."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from events.messages import TestDispatched
from events.store.subscription import Subscription
from services.config_api.application.relay.publishing import CURSOR
from services.conn_tester.service import Service
from services.conn_tester.settings import read_settings
from tests.faults.crash.operations.base import Operation, Scene, registered, tested
from tests.support.asking import a_report

if TYPE_CHECKING:
    from events.messages import TestReported

_TESTS = 3
_SMALL_PAGE = 4


def test_ids(scene: Scene) -> list[str]:
    """Return the tests that were asked for, in order."""
    page = scene.subject.relaybook.store.read_all(after=0, limit=1_000)
    return [
        event.stream.partition("-")[2]
        for event in page.events
        if event.type == "connection_test.requested"
    ]


class Relay(Operation):
    """The relay publishes page after page; then it dispatches a test again."""

    name = "relay"

    def prepare(self, scene: Scene) -> None:
        settings = [registered(f"tenant-{number}") for number in range(8)]
        scene.client.send_all([*settings, tested("tenant-1"), tested("tenant-2")])

    def act(self, scene: Scene) -> None:
        self._publish(scene)
        scene.subject.clock.shift += timedelta(seconds=31)
        overdue = scene.duty("overdue")
        publisher = overdue.bus.publisher()
        overdue.round(publisher)
        publisher.close()

    def _publish(self, scene: Scene) -> None:
        """Do what `follow` does, up to the end of the log and in small pages."""
        publishing, relaybook = scene.publishing(), scene.subject.relaybook
        subscription = Subscription(CURSOR, relaybook.store, relaybook.cursors, limit=_SMALL_PAGE)
        publisher = publishing.bus.publisher()
        with scene.held(publishing.name) as holding:
            at_end = False
            while not at_end:
                page = subscription.pending()
                if page.events:
                    publishing._publish(publisher, holding, page.events)
                subscription.done(page)
                at_end = page.at_end
        publisher.close()


class _WithTests(Operation):
    """Some tests were asked for, and their work lies on the bus."""

    def prepare(self, scene: Scene) -> None:
        asked = [tested("acme") for _ in range(_TESTS)]
        scene.client.send_all([registered("acme"), *asked])

    def arrange(self, scene: Scene) -> None:
        ids = test_ids(scene)
        scene.publish(*(TestDispatched(test_id=one, attempt=1) for one in ids))

    def resume(self, scene: Scene) -> None:
        """Others go on: testers and relay are started again by whoever supervises them."""


class Tester(_WithTests):
    """A tester claims over HTTP, probes, reports and acknowledges; the API lives on."""

    name = "tester"
    needs_api = True

    def act(self, scene: Scene) -> None:
        token = (scene.subject.world.data_dir / "tester.token").read_text().strip()
        environment = {**scene.subject.environment, "RELAYBOOK_TOKEN": token}
        broker = environment.pop("RELAYBOOK_BROKER_URL")
        if broker:
            environment["RELAYBOOK_BROKER_URL"] = broker
        service = Service(read_settings(environment))
        send, sent = service._courier.result, []

        def result(message: Any, delivery: Any) -> None:
            send(message, delivery)
            sent.append(message)
            if len(sent) == _TESTS:
                service.stop()

        service._courier.result = result  # type: ignore[method-assign]  # tells when all is done
        service.run()


class Claim(_WithTests):
    """The API hands attempts to testers."""

    name = "claim"

    def act(self, scene: Scene) -> None:
        client = scene.subject.app.test_client()
        token = (scene.subject.world.data_dir / "tester.token").read_text().strip()
        for one in test_ids(scene):
            answer = client.post(
                f"/v1/connection-tests/{one}/claim",
                data=json.dumps({"attempt": 1}),
                content_type="application/json",
                headers={"Authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 200, answer.text
            scene.publish(a_report(one))


@dataclass(frozen=True)
class _Counting:
    """Records results as the service does, and tells when all are there."""

    connection_tests: Any
    stop: Event
    left: list[int]

    def record(self, reported: TestReported, ctx: Any) -> bool:
        done: bool = self.connection_tests.record(reported, ctx)
        self.left[0] -= 1
        if not self.left[0]:
            self.stop.set()
        return done


class Result(_WithTests):
    """Results are taken from the bus and recorded."""

    name = "result"

    def arrange(self, scene: Scene) -> None:
        ids = test_ids(scene)
        relaybook = scene.subject.relaybook
        for one in ids:
            relaybook.connection_tests.claim(one, 1, scene.subject.ctx())
        twice = [a_report(ids[0])]  # a result may come twice
        scene.publish(*(a_report(one) for one in ids), *twice)

    def act(self, scene: Scene) -> None:
        stop = Event()
        counting = _Counting(scene.subject.relaybook.connection_tests, stop, [_TESTS + 1])
        results = replace(scene.duty("results"), connection_tests=counting)
        with scene.held(results.name) as holding:
            results.run(holding, stop)

"""What a bus between processes promises: nothing lost, nothing twice without need."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from events.bus.topology import CONNECTION_TESTS
from tests.contract.bus.kit import Inbox, child, eventually, publish, running, work

if TYPE_CHECKING:
    from tests.contract.bus.conftest import Tested

MANY = 2_000


def test_what_a_killed_consumer_held_comes_back(shared: Tested) -> None:
    publish(shared.bus, *[work(number) for number in range(5)])
    process = child("hold", shared.url)
    assert process.stdout is not None
    with process:
        held = [process.stdout.readline().strip() for _ in range(5)]
        process.kill()
    assert held == ["m0", "m1", "m2", "m3", "m4"]
    inbox = Inbox()
    with running(shared.bus.consumer(CONNECTION_TESTS, prefetch=16), inbox):
        eventually(lambda: len(inbox.came) == 5)
    assert sorted(inbox.ids) == held
    assert all(delivery.redelivered for delivery in inbox.came)


def test_two_consumers_share_the_work_of_another_process_without_doubles(shared: Tested) -> None:
    receivers = [child("receive", shared.url) for _ in range(2)]
    with child("publish", shared.url, str(MANY)) as publisher:
        assert publisher.wait(60) == 0
    eventually(lambda: shared.bus.depth(CONNECTION_TESTS) == 0, within=60)
    printed = [receiver.communicate(timeout=30)[0].split() for receiver in receivers]
    came = Counter(name for lines in printed for name in lines)
    assert came == Counter({f"m{number}": 1 for number in range(MANY)})
    assert all(printed), "one of the two received nothing"

"""No secret is anywhere but where it belongs: canaries through every door, every byte searched.

A usual run brings them by the API on both set-ups, and by command line and browser on the embedded
one; RELAYBOOK_SWEEP=full by every door on both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.security import (
    file_doors,
    host_doors,
    provider_doors,
    setting_doors,
    sign_in_doors,
    webhook_doors,
)
from tests.integration.security.canaries import Canaries
from tests.integration.security.encodings import ENCODINGS
from tests.integration.security.leaks import places_of, plant, samples
from tests.integration.security.moves import FULL
from tests.integration.security.promises import is_allowed
from tests.integration.security.sinks import places
from tests.integration.security.sweeping import sweep
from tests.integration.security.swept_house import a_swept_house
from tests.integration.security.taps import embedded_tap, rabbitmq_tap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.integration.security.sinks import Place
    from tests.integration.security.swept_house import House

_API = (
    setting_doors.through_settings,
    setting_doors.through_mistakes,
    file_doors.through_imports,
    file_doors.through_exports,
    setting_doors.through_tests,
    provider_doors.through_providers,
    webhook_doors.through_webhooks,
    sign_in_doors.through_sign_in,
)
_BY_HOST = (host_doors.through_the_command_line, host_doors.through_a_browser)
_SHORT = {"embedded": (*_API, host_doors.through_a_browser), "server": _API}

pytestmark = pytest.mark.timeout(900 if FULL else 300)


@pytest.fixture(params=["embedded", "server"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def house(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    database = broker = None
    if kind == "server":
        database = request.getfixturevalue("postgres_url")
        broker = request.getfixturevalue("rabbitmq_vhost")
    (tmp_path / "house").mkdir()
    with a_swept_house(tmp_path / "house", database, broker) as house:
        yield house


@pytest.fixture
def tap(house: House) -> Iterator[Callable[[], Iterator[Place]]]:
    """Whatever goes over the bus from now on."""
    bus = str(house.folder / "data" / "bus.db")
    with rabbitmq_tap(house.broker_url) if house.broker_url else embedded_tap(bus) as tap:
        yield tap


def test_no_secret_is_where_it_does_not_belong_and_a_planted_leak_is_seen(
    kind: str, house: House, tap: Callable[[], Iterator[Place]]
) -> None:
    for door in (*_API, *_BY_HOST) if FULL else _SHORT[kind]:
        door(house)
    services = {span.service for span in house.spans.spans}
    assert services == {"relaybook-serve", "relaybook-relay", "relaybook-tester"}
    swept = sweep(house.canaries, [*places(house), *tap()])
    print(f"{kind}: {swept.figures}")  # noqa: T201 -- the figures of the sweep, with -s
    assert sorted(str(hit) for hit in swept.hits if not is_allowed(hit)) == []
    assert {"new token", "restore: password"} <= {hit.canary for hit in swept.hits}  # it does look
    planted = Canaries()
    plant(house, samples(planted.new("planted")))
    again = sweep(planted, [*places(house), *tap()])
    seen = {(hit.place, hit.encoding) for hit in again.hits}
    missed = [
        (place, encoding)
        for place in places_of(kind)
        for encoding in ENCODINGS
        if not any(re.fullmatch(place, there) and encoding == how for there, how in seen)
    ]
    assert missed == []

from __future__ import annotations

import pytest

from services.conn_tester.assignment import MalformedClaim
from services.conn_tester.detect.order import Order, read_order

GOOD = {"id": "d-1", "attempt": 1, "domain": "acme.example", "deadline_ms": 5_000}


@pytest.mark.parametrize(("most_s", "deadline_s"), [(60.0, 5.0), (2.0, 2.0)])
def test_an_order_is_read_within_the_testers_own_limit(most_s: float, deadline_s: float) -> None:
    order = Order(domain="acme.example", deadline_s=deadline_s)
    assert read_order(GOOD, most_s=most_s) == order


@pytest.mark.parametrize(
    "change",
    [
        {"domain": 1},
        {"domain": "a b.example"},
        {"domain": "127.0.0.1"},
        {"domain": "localhost"},
        {"deadline_ms": 0},
        {"deadline_ms": "5000"},
    ],
)
def test_an_order_that_is_not_understood_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedClaim):
        read_order(GOOD | change, most_s=60.0)

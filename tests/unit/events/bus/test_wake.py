"""A wake-up ends the wait of a thread, once for all that came before it."""

from __future__ import annotations

from contextlib import closing

from events.bus.broker.wake import Wake

LONG_SECONDS = 30.0


def test_many_wake_ups_end_one_wait_and_later_ones_the_next() -> None:
    with closing(Wake()) as wake:
        for _ in range(3):
            for _ in range(1000):
                wake.set()
            assert wake.wait(LONG_SECONDS, beside=None)
            assert not wake.wait(0.0, beside=None)


def test_a_wake_up_after_the_end_does_nothing() -> None:
    wake = Wake()
    wake.close()
    wake.set()

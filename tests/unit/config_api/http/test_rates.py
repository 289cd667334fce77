from __future__ import annotations

from services.config_api.http.rates import Asked
from services.config_api.settings_values import Rate

RATE = Rate(count=2, seconds=60)


def test_asking_too_often_means_to_wait_until_the_oldest_is_past() -> None:
    asked = Asked()
    assert asked.seconds_to_wait("a", RATE, 0.0) == 0
    assert asked.seconds_to_wait("a", RATE, 10.0) == 0
    assert asked.seconds_to_wait("a", RATE, 20.0) == 40
    assert asked.seconds_to_wait("a", RATE, 60.0) == 0
    assert asked.seconds_to_wait("a", RATE, 61.0) == 9


def test_one_principal_does_not_hinder_another() -> None:
    asked = Asked()
    assert [asked.seconds_to_wait("a", RATE, 0.0) for _ in range(3)] == [0, 0, 60]
    assert asked.seconds_to_wait("b", RATE, 0.0) == 0

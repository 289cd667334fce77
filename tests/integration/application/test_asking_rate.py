from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from sqlalchemy import func, select

from services.config_api.domain.errors import SettingNotFound, TooManyTests
from services.config_api.read_model.operational_tables import test_tries as tries
from services.config_api.settings_values import Rate
from tests.support.asking import register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from services.config_api.application.asking_rate import AskingRate
    from tests.support.relaybook import House

RATE = Rate(count=3, seconds=60)


def rate_of(house: House) -> AskingRate:
    return replace(house.relaybook.connection_tests.rate, rate=RATE)


def counted(house: House) -> int:
    with house.relaybook.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tries)).scalar_one()


def test_one_principal_waits_until_the_oldest_is_past(house: House) -> None:
    rate = rate_of(house)
    for _ in range(RATE.count):
        rate.take("user:alice", house.watch())
        house.watch.forward(seconds=10)
    with pytest.raises(TooManyTests) as refused:
        rate.take("user:alice", house.watch())
    assert (refused.value.wait, refused.value.count, refused.value.seconds) == (30, 3, 60)
    assert counted(house) == RATE.count
    rate.take("user:bob", house.watch())
    house.watch.forward(seconds=31)
    rate.take("user:alice", house.watch())


def test_many_at_once_in_many_processes_do_not_pass_the_limit(house: House) -> None:
    rates = [rate_of(house) for _ in range(4)]

    def passes(number: int) -> bool:
        try:
            rates[number % 4].take("user:alice", house.watch())
        except TooManyTests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(passes, range(40)))
    assert sum(passed) <= RATE.count
    house.watch.forward(seconds=61)
    assert passes(0)


@pytest.mark.parametrize("shared", ["setting", "login"])
def test_a_setting_and_a_login_are_not_tried_by_ever_new_principals(
    embedded_house: House, shared: str
) -> None:
    rate, values = rate_of(embedded_house), a_draft().values
    assert values.auth.user is not None

    def take(number: int) -> None:
        setting_id = "acme" if shared == "setting" else f"t{number}"
        own = values if shared == "login" else None
        rate.take(f"user:{number}", embedded_house.watch(), setting_id=setting_id, values=own)

    for number in range(RATE.count):
        take(number)
    with pytest.raises(TooManyTests):
        take(99)
    other = structs.replace(values, auth=structs.replace(values.auth, user="another"))
    rate.take("user:99", embedded_house.watch(), setting_id="other", values=other)


def test_a_request_that_is_refused_is_not_counted(embedded_house: House) -> None:
    with pytest.raises(SettingNotFound):
        request_test(embedded_house, "nobody")
    assert counted(embedded_house) == 0
    register(embedded_house)
    request_test(embedded_house)
    assert counted(embedded_house) == 3


def test_what_no_rate_counts_any_more_is_forgotten(embedded_house: House) -> None:
    rate = rate_of(embedded_house)
    rate.take("user:alice", embedded_house.watch())
    embedded_house.watch.forward(hours=23)
    rate.forget_old(embedded_house.watch())
    assert counted(embedded_house) == 1
    embedded_house.watch.forward(hours=1)
    rate.forget_old(embedded_house.watch())
    assert counted(embedded_house) == 0


def test_without_a_rate_nothing_is_counted(embedded_house: House) -> None:
    rate = replace(embedded_house.relaybook.connection_tests.rate, rate=None)
    for _ in range(5):
        rate.give_back(rate.take("user:alice", embedded_house.watch(), setting_id="acme"))
    assert counted(embedded_house) == 0

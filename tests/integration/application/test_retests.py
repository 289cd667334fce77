from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from services.config_api.application.defaults import DefaultsSource
from services.config_api.application.retests import Moved, Retests
from services.config_api.read_model.operational_tables import retest_steps, test_work
from services.config_api.read_model.retests import Passed, RetestRows, RetestStep
from tests.support.asking import a_report, register, request_test
from tests.support.relaybook import a_house, eventually
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.relaybook import House

HOUR = timedelta(hours=1)


def retests(house: House, period: timedelta = HOUR) -> Retests:
    rows = RetestRows(engine=house.relaybook.read_engine)
    return Retests(rows=rows, connection_tests=house.relaybook.connection_tests, period=period)


def step(house: House, schedule: Retests | None = None) -> Moved:
    schedule = schedule or retests(house)
    return schedule.step(house.watch(), schedule.rows.count())


def begin(house: House, *setting_ids: str) -> None:
    for setting_id in setting_ids:
        register(house, setting_id)
    assert step(house) == Moved()


def asked(house: House) -> list[tuple[float, str]]:
    """Return when each test of the schedule was asked for, in minutes, and for which setting."""
    events = house.relaybook.store.read_all(after=0, limit=10_000).events
    mine = [one for one in events if one.actor == "system:schedule"]
    assert {one.type for one in mine} <= {"connection_test.requested"}
    return [(one.recorded_at.hour * 60 + one.recorded_at.minute, one.tenant or "") for one in mine]


def finish(house: House) -> None:
    """End every test that waits."""
    with house.relaybook.read_engine.connect() as connection:
        waiting = connection.execute(select(test_work.c.test_id)).scalars().all()
    for test_id in waiting:
        assert house.relaybook.connection_tests.record(a_report(test_id), house.ctx())


def pass_minutes(house: House, minutes: int, schedule: Retests | None = None) -> None:
    for _ in range(minutes * 2):
        house.watch.forward(seconds=30)
        step(house, schedule)
        finish(house)


def test_all_settings_are_tested_once_a_period_at_an_even_pace(house: House) -> None:
    ids = [f"t{number:02}" for number in range(30)]
    begin(house, *ids)
    pass_minutes(house, 120)
    found = asked(house)
    assert Counter(setting for _, setting in found) == Counter(dict.fromkeys(ids, 2))
    a_ten_minutes = Counter((minute - 1) // 10 for minute, _ in found)
    assert set(a_ten_minutes.values()) <= {4, 5, 6}
    assert max(Counter(minute for minute, _ in found).values()) == 1


def test_the_first_turn_comes_after_a_pause_and_not_at_the_start(embedded_house: House) -> None:
    begin(embedded_house, "a", "b")
    embedded_house.watch.forward(minutes=29, seconds=59)
    assert step(embedded_house) == Moved()
    embedded_house.watch.forward(seconds=1)
    assert step(embedded_house) == Moved(asked=1)
    assert [setting for _, setting in asked(embedded_house)] == ["a"]


def test_after_a_restart_the_walk_goes_on_where_it_stopped(house: House) -> None:
    begin(house, "a", "b", "c")
    pass_minutes(house, 25, retests(house))
    pass_minutes(house, 35, retests(house))
    assert [setting for _, setting in asked(house)] == ["a", "b", "c"]


def test_what_a_relay_left_behind_is_not_made_up_for_at_once(embedded_house: House) -> None:
    ids = [f"t{number:03}" for number in range(120)]
    begin(embedded_house, *ids)
    embedded_house.watch.forward(hours=5)
    assert step(embedded_house) == Moved(asked=2)  # a minute's worth
    assert step(embedded_house) == Moved()


def test_a_clock_that_is_put_back_makes_nobody_wait_for_ever(embedded_house: House) -> None:
    begin(embedded_house, "a")
    embedded_house.watch.forward(minutes=-10)
    assert step(embedded_house) == Moved()
    embedded_house.watch.forward(minutes=70)
    assert step(embedded_house) == Moved(asked=1)


def test_of_two_relays_that_take_the_same_step_one_asks(house: House) -> None:
    begin(house, "a")
    house.watch.forward(hours=1)
    slow = retests(house)
    stale = slow.rows.newest_step()
    assert step(house) == Moved(asked=1)

    class Late(RetestRows):
        def newest_step(self) -> RetestStep | None:
            return stale

    late = replace(slow, rows=Late(engine=house.relaybook.read_engine))
    assert step(house, late) == Moved()
    finish(house)
    assert step(house, late) == Moved()  # nor once the setting waits no more
    assert len(asked(house)) == 1


def test_of_two_relays_that_begin_the_walk_one_does(house: House) -> None:
    class Late(RetestRows):
        def newest_step(self) -> RetestStep | None:
            return None

    begin(house, "a")
    late = replace(retests(house), rows=Late(engine=house.relaybook.read_engine))
    assert step(house, late) == Moved()
    with house.relaybook.read_engine.connect() as connection:
        assert len(connection.execute(select(retest_steps)).all()) == 1


def test_a_setting_never_has_two_open_tests(house: House) -> None:
    begin(house, "acme")
    test_id = request_test(house)
    house.watch.forward(hours=1)
    assert step(house) == Moved(spared=1)
    house.watch.forward(hours=1)
    assert step(house) == Moved(spared=1)
    house.relaybook.connection_tests.record(a_report(test_id), house.ctx())
    house.watch.forward(hours=2)
    assert step(house) == Moved(asked=1)
    house.watch.forward(hours=1)
    assert step(house) == Moved(spared=1)


def test_what_somebody_tested_within_the_period_is_passed_over(house: House) -> None:
    begin(house, "acme")
    house.watch.forward(minutes=1)
    house.relaybook.connection_tests.record(a_report(request_test(house)), house.ctx())
    house.watch.forward(minutes=59)
    assert step(house) == Moved(spared=1)
    house.watch.forward(hours=1)
    assert step(house) == Moved(asked=1)


def test_defaults_are_tested_too_and_so_is_what_was_registered_since(house: House) -> None:
    begin(house)
    source = DefaultsSource(lambda: {"default": a_draft()})
    replace(house.relaybook.defaults, source=source).reconcile()
    register(house, "zeta")
    pass_minutes(house, 60)
    assert sorted(setting for _, setting in asked(house)) == ["default", "zeta"]


def test_nothing_is_asked_where_there_is_no_setting(embedded_house: House) -> None:
    begin(embedded_house)
    embedded_house.watch.forward(hours=3)
    assert step(embedded_house) == Moved()


def test_many_are_taken_in_pages(embedded_house: House) -> None:
    ids = [f"t{number:03}" for number in range(230)]
    begin(embedded_house, *ids)
    schedule = retests(embedded_house, timedelta(seconds=10))
    embedded_house.watch.forward(seconds=10)
    assert step(embedded_house, schedule) == Moved(asked=200, more=True)
    assert step(embedded_house, schedule) == Moved(asked=30)
    assert sorted(setting for _, setting in asked(embedded_house)) == ids


def test_a_setting_that_goes_meanwhile_has_no_test(embedded_house: House) -> None:
    begin(embedded_house, "a")
    page = retests(embedded_house).rows.page("", 5)
    embedded_house.relaybook.smtp_settings.delete("a", 1, embedded_house.ctx())

    class Late(RetestRows):
        def page(self, after_id: str, most: int) -> list[Passed]:
            return page

    late = Late(engine=embedded_house.relaybook.read_engine)
    embedded_house.watch.forward(hours=1)
    schedule = replace(retests(embedded_house), rows=late)
    assert schedule.step(embedded_house.watch(), 1) == Moved(spared=1)


def test_the_relay_asks_by_itself(sqlite_url: str, tmp_path: Path) -> None:
    with a_house(sqlite_url, None, tmp_path, RELAYBOOK_RETEST_EVERY="1h") as house, house.relay():
        register(house)
        eventually(retests(house).rows.newest_step)
        house.watch.forward(hours=1)
        eventually(lambda: asked(house))

"""What the list showed at a time is what is told of that time ever after."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import new_id
from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SettingImported,
    SettingRestored,
)
from events.store.port import StreamAppend
from services.config_api.application.loading import (
    encoded,
    expected_version,
    load_setting,
    setting_after,
    setting_stream,
)
from services.config_api.domain.errors import DomainError
from services.config_api.read_model.listed import ListedSetting, SettingsPage, SettingsQuery
from services.config_api.read_model.projections import rows_for_setting
from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from events.catalogue import Fact
    from events.smtp_setting import SettingValues
    from tests.support.relaybook import House

QUERIES = (
    SettingsQuery(),
    SettingsQuery(q="ACME"),
    SettingsQuery(is_default=True),
    SettingsQuery(is_default=False),
    SettingsQuery(verdict="passed"),
    SettingsQuery(verdict="failed", q="a"),
    SettingsQuery(tenants=frozenset({"B", "b", "nobody"})),
    SettingsQuery(tenants=frozenset()),
)
Seen = list[tuple[list[ListedSetting], int]]


@dataclass(frozen=True)
class Moment:
    position: int
    instant: datetime
    seen: Seen


def record(house: House, setting_id: str, fact: Fact) -> None:
    """Record a fact about a setting as handlers do, with its row."""
    store, ctx = house.relaybook.store, house.ctx()
    state = load_setting(store, setting_id)
    append = StreamAppend(
        stream=setting_stream(setting_id),
        expected=expected_version(state.version),
        events=encoded([fact], tenant=setting_id),
        rows=rows_for_setting(setting_after(state, [fact], ctx)),
    )
    store.append([append], cause=ctx.cause, at=ctx.at)


def some_values(number: int) -> SettingValues:
    return a_draft(host=f"mail{number}.acme.example").values


def imported(house: House, setting_id: str, number: int) -> None:
    values = some_values(number)
    record(
        house, setting_id, SettingImported(setting_id=setting_id, import_id=new_id(), values=values)
    )


def provisioned(house: House, setting_id: str, number: int) -> None:
    record(house, setting_id, DefaultProvisioned(setting_id=setting_id, values=some_values(number)))


def withdrawn(house: House, setting_id: str, _number: int) -> None:
    record(house, setting_id, DefaultWithdrawn(setting_id=setting_id))


def restored(house: House, setting_id: str, number: int) -> None:
    fact = SettingRestored(setting_id=setting_id, restored_version=1, values=some_values(number))
    record(house, setting_id, fact)


def registered(house: House, setting_id: str, number: int) -> None:
    register(house, setting_id, x_mailer=str(number))


def replaced(house: House, setting_id: str, number: int) -> None:
    draft = a_draft(x_mailer=str(number))
    house.relaybook.smtp_settings.replace(setting_id, draft, None, house.ctx())


def deleted(house: House, setting_id: str, _number: int) -> None:
    house.relaybook.smtp_settings.delete(setting_id, None, house.ctx())


def stored_tested(house: House, setting_id: str, number: int) -> None:
    test_id = request_test(house, setting_id)
    house.watch.forward(seconds=1)
    verdict = ("passed", "failed", "inconclusive")[number]
    report = a_report(test_id, verdict=verdict)
    house.relaybook.connection_tests.record(report, house.ctx())


def draft_tested(house: House, setting_id: str, _number: int) -> None:
    test_id = request_test(house, setting_id, draft=a_draft())
    house.relaybook.connection_tests.record(a_report(test_id), house.ctx())


def cancelled(house: House, setting_id: str, _number: int) -> None:
    house.relaybook.connection_tests.cancel(request_test(house, setting_id), house.ctx())


STEPS = (
    registered, replaced, deleted, imported, provisioned, withdrawn, restored,
    stored_tested, draft_tested, cancelled,
)  # fmt: skip
COMMANDS = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from(["acme", "B", "b"]), st.integers(0, 2)),
    min_size=1,
    max_size=8,
)


def everything(page_after: Callable[[str | None], SettingsPage]) -> list[ListedSetting]:
    """Return all items of a list, page by page."""
    items: list[ListedSetting] = []
    next_id = None
    while True:
        page = page_after(next_id)
        items += page.items
        next_id = page.next_id
        if next_id is None:
            return items


def live(house: House) -> Seen:
    model = house.relaybook.read_model
    return [
        (
            everything(lambda after, q=query: model.settings_page(q, after_id=after, limit=2)),  # type: ignore[misc]  # bound now
            model.settings_count(query),
        )
        for query in QUERIES
    ]


def as_of(house: House, at: int | datetime, *queries: SettingsQuery) -> Seen:
    told: Seen = []
    for query in queries:
        past = house.relaybook.history.settings_at(query, at)
        pages = everything(lambda after, past=past: past.page(after_id=after, limit=2))  # type: ignore[misc]  # bound now
        told.append((pages, past.count()))
    return told


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commands=COMMANDS)
def test_the_list_of_a_moment_is_what_the_list_showed_then(
    house: House, commands: list[tuple[Any, str, int]]
) -> None:
    store = house.relaybook.store
    moments = [Moment(store.head(), house.watch(), live(house))]
    for step, setting_id, number in commands:
        house.watch.forward(seconds=1)
        with suppress(DomainError):
            step(house, setting_id, number)
        moments.append(Moment(store.head(), house.watch(), live(house)))
    for moment in moments:
        assert as_of(house, moment.position, *QUERIES) == moment.seen
        assert as_of(house, moment.instant, QUERIES[0]) == moment.seen[:1]


def test_the_last_test_of_a_moment_is_found_behind_many_others(house: House) -> None:
    register(house, "acme")
    register(house, "B")
    stored_tested(house, "B", 1)
    first = house.relaybook.read_model.last_test("B")
    for _ in range(3):
        stored_tested(house, "acme", 0)
        draft_tested(house, "B", 0)
    stored_tested(house, "acme", 1)
    draft_tested(house, "acme", 0)
    newest = house.relaybook.read_model.last_test("acme")
    past = house.relaybook.history.settings_at(SettingsQuery(), house.relaybook.store.head())
    listed = past.page(after_id=None, limit=10).items
    assert [one.last_test for one in listed] == [first, newest]

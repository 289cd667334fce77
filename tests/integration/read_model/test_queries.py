from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from services.config_api.read_model.listed import SettingsQuery
from services.config_api.read_model.queries import TestsQuery
from services.config_api.read_model.tables import smtp_settings
from tests.support.asking import a_report, register, request_test
from tests.support.plans import plan_of_last

if TYPE_CHECKING:
    from tests.support.relaybook import House

EVERYTHING = SettingsQuery()


@pytest.fixture
def full(house: House) -> House:
    register(house, "b", host="MAIL.Example", auth={"user": "Ünal@Example"})
    register(house, "B", host="münchen.example")
    register(house, "a-1", x_mailer="100%_sure")
    register(house, "z.9", host="mail.example")
    return house


def ids(house: House, query: SettingsQuery = EVERYTHING) -> list[str]:
    page = house.relaybook.read_model.settings_page(query, after_id=None, limit=50)
    assert house.relaybook.read_model.settings_count(query) == len(page.items)
    return [item.id for item in page.items]


def test_settings_come_in_code_point_order(full: House) -> None:
    assert ids(full) == ["B", "a-1", "b", "z.9"]


def test_the_few_defaults_are_found_without_a_walk_over_all_settings(house: House) -> None:
    relaybook = house.relaybook
    rows = [
        {"id": f"t{number:04}", "version": 1, "is_default": number % 1_000 == 999,
         "search": "", "document": "{}"}
        for number in range(3_000)
    ]  # fmt: skip
    with relaybook.engine.begin() as connection:
        connection.execute(insert(smtp_settings), rows)
        connection.execute(text("ANALYZE"))

    def defaults() -> list[str]:
        page = relaybook.read_model.settings_page(
            SettingsQuery(is_default=True), after_id=None, limit=2
        )
        return [item.id for item in page.items]

    assert defaults() == ["t0999", "t1999"]
    assert "ix_smtp_settings_is_default_id" in plan_of_last(relaybook.read_engine, defaults)


def test_pages_follow_each_other_without_gap(full: House) -> None:
    model = full.relaybook.read_model
    first = model.settings_page(EVERYTHING, after_id=None, limit=2)
    second = model.settings_page(EVERYTHING, after_id=first.next_id, limit=2)
    assert [one.id for one in (*first.items, *second.items)] == ["B", "a-1", "b", "z.9"]
    assert (first.next_id, second.next_id) == ("a-1", None)


def test_pages_go_back_as_they_came(full: House) -> None:
    model = full.relaybook.read_model
    page, more = model.settings_page_before(EVERYTHING, before_id="z.9", limit=2)
    assert ([one.id for one in page.items], page.next_id, more) == (["a-1", "b"], "b", True)
    page, more = model.settings_page_before(EVERYTHING, before_id="b", limit=2)
    assert ([one.id for one in page.items], more) == (["B", "a-1"], False)


def test_a_limited_reader_turns_pages_too(full: House) -> None:
    model, seen = full.relaybook.read_model, SettingsQuery(q="b", tenants=frozenset({"b", "B"}))
    first = model.settings_page(seen, after_id=None, limit=1)
    second = model.settings_page(seen, after_id=first.next_id, limit=1)
    assert [one.id for one in (*first.items, *second.items)] == ["B", "b"]
    assert second.next_id is None


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("mail.EX", ["b", "z.9"]),
        ("ünal", ["b"]),
        ("ÜNAL", ["b"]),
        ("MÜNCHEN", ["B"]),
        ("xn--", ["B"]),
        ("A-1", ["a-1"]),
        ("%", []),
        ("_", []),
        ("/", []),
        ("\\", []),
        ("", ["B", "a-1", "b", "z.9"]),
    ],
)
def test_a_search_finds_parts_of_id_host_and_user_in_any_case(
    full: House, q: str, found: list[str]
) -> None:
    assert ids(full, SettingsQuery(q=q)) == found


def test_a_limited_reader_sees_its_tenants_only(full: House) -> None:
    assert ids(full, SettingsQuery(tenants=frozenset({"b", "z.9", "nobody"}))) == ["b", "z.9"]
    assert ids(full, SettingsQuery(tenants=frozenset())) == []


def test_settings_are_found_by_the_verdict_of_their_last_test(full: House) -> None:
    tests = full.relaybook.connection_tests
    tests.record(a_report(request_test(full, "b")), full.ctx())
    failed = a_report(request_test(full, "B"), verdict="failed", code="refused", step="tcp")
    tests.record(failed, full.ctx())
    assert ids(full, SettingsQuery(verdict="passed")) == ["b"]
    assert ids(full, SettingsQuery(verdict="failed")) == ["B"]


def test_the_list_shows_the_last_test_of_each(full: House) -> None:
    test_id = request_test(full, "b")
    full.relaybook.connection_tests.record(a_report(test_id), full.ctx())
    page = full.relaybook.read_model.settings_page(EVERYTHING, after_id=None, limit=50)
    last = {item.id: item.last_test for item in page.items}
    assert last["B"] is None
    assert last["b"] is not None
    assert last["b"].document() == {
        "id": test_id,
        "verdict": "passed",
        "version": 1,
        "finished_at": "2026-03-01T12:00:00Z",
    }


def test_nothing_is_a_default_yet(full: House) -> None:
    assert ids(full, SettingsQuery(is_default=True)) == []
    assert len(ids(full, SettingsQuery(is_default=False))) == 4


def test_one_setting_is_its_finished_document(full: House) -> None:
    stored = full.relaybook.read_model.setting("B")
    assert stored is not None
    assert stored.version == 1
    assert json.loads(stored.document)["host_unicode"] == "münchen.example"
    assert full.relaybook.read_model.setting("nobody") is None


def test_tests_come_newest_first_and_page_by_page(full: House) -> None:
    model = full.relaybook.read_model
    made = [request_test(full, setting_id) for setting_id in ("b", "B", "b")]
    first = model.tests_page(TestsQuery(), before=None, limit=2)
    second = model.tests_page(TestsQuery(), before=first.next_position, limit=2)
    assert [one.id for one in (*first.items, *second.items)] == made[::-1]
    assert second.next_position is None


def test_tests_are_found_by_setting_verdict_and_tenant(full: House) -> None:
    model = full.relaybook.read_model
    of_b, of_other = request_test(full, "b"), request_test(full, "B")
    full.relaybook.connection_tests.record(a_report(of_b), full.ctx())

    def found(query: TestsQuery) -> list[str]:
        return [one.id for one in model.tests_page(query, before=None, limit=9).items]

    assert found(TestsQuery(setting_id="b")) == [of_b]
    assert found(TestsQuery(verdict="passed")) == [of_b]
    assert found(TestsQuery(tenants=frozenset({"B"}))) == [of_other]

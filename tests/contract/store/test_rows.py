from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from events.store.port import (
    LAST_POSITION,
    AddRow,
    DropRow,
    Expected,
    PutRow,
    RowExists,
    VersionConflict,
)
from tests.contract.store.kit import marks, pairs, things
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from events.store.port import Appended, RowWrite
    from tests.contract.store.kit import Tested

CAUSE = a_cause()


def append(tested: Tested, *rows: RowWrite, stream: str = "a-1") -> Appended:
    one = an_append(stream, expected=Expected.ANY, rows=rows)
    return tested.store.append([one], cause=CAUSE, at=NOON)


def put(id_: str, **values: Any) -> PutRow:
    return PutRow(table=things, values={"id": id_} | values)


def stored(tested: Tested, column: str) -> dict[str, Any]:
    return {row["id"]: row[column] for row in tested.rows(things)}


@pytest.fixture(params=["first version", "any version", "beside another stream"])
def way(request: pytest.FixtureRequest) -> str:
    """How the append reaches the store: the SQL stores have a way of their own for some."""
    kind: str = request.param
    return kind


def append_by(way: str, tested: Tested, *rows: RowWrite) -> Appended:
    expected = Expected.ANY if way == "any version" else Expected.NO_STREAM
    appends = [an_append("way-1", expected=expected, rows=rows)]
    if way == "beside another stream":
        appends.append(an_append("way-0"))
    return tested.store.append(appends, cause=CAUSE, at=NOON)


def test_a_row_is_put_with_all_kinds_of_values(tested: Tested, way: str) -> None:
    values = {
        "id": "x",
        "version": 1,
        "position": None,
        "name": "ü",
        "document": {"a": [1, None]},
        "sealed": b"\x00\xff",
        "made_at": NOON,
    }
    append_by(way, tested, PutRow(table=things, values=values))
    assert tested.rows(things) == [values]


def test_many_rows_are_put_with_all_kinds_of_values(tested: Tested) -> None:
    values: list[dict[str, Any]] = [
        {
            "id": f"{number}",
            "version": number * 2**40,
            "position": None,
            "name": None if number else '"ü" \\, {NULL}',
            "document": {"a": [number, None, '"']} if number else None,
            "sealed": bytes([number, 255, 0]),
            "made_at": NOON if number else None,
        }
        for number in range(3)
    ]
    for stream in ("a-1", "a-2"):  # the second time they are there
        append(tested, *(PutRow(table=things, values=one) for one in values), stream=stream)
        assert tested.rows(things) == values


def test_a_null_document_is_a_null(tested: Tested, way: str) -> None:
    append_by(way, tested, put("x", document=None))
    assert stored(tested, "document") == {"x": None}


def test_a_row_put_again_replaces_the_values_that_it_names(tested: Tested, way: str) -> None:
    append(tested, put("x", version=1, name="old"))
    append_by(way, tested, put("x", version=2))
    assert stored(tested, "version") == {"x": 2}
    assert stored(tested, "name") == {"x": "old"}


@pytest.mark.parametrize(("offered", "kept"), [(4, 5), (5, 5), (6, 6)])
def test_only_a_newer_row_replaces(tested: Tested, way: str, offered: int, kept: int) -> None:
    append(tested, put("x", version=5))
    newer = PutRow(table=things, values={"id": "x", "version": offered}, newer_by="version")
    append_by(way, tested, newer)
    assert stored(tested, "version") == {"x": kept}


def test_of_the_rows_of_many_streams_only_a_newer_one_replaces(tested: Tested) -> None:
    append(tested, put("1", version=5))
    rows = [
        PutRow(table=things, values={"id": str(number), "version": 4}, newer_by="version")
        for number in range(3)
    ]
    many = (an_append(f"b-{row.values['id']}", rows=[row]) for row in rows)
    tested.store.append(many, cause=CAUSE, at=NOON)
    assert stored(tested, "version") == {"0": 4, "1": 5, "2": 4}


def test_a_row_of_keys_alone_may_be_put_twice(tested: Tested, way: str) -> None:
    append(tested, PutRow(table=marks, values={"id": "x"}))
    append_by(way, tested, PutRow(table=marks, values={"id": "x"}))
    assert tested.rows(marks) == [{"id": "x"}]


def test_a_row_that_exists_refuses_the_whole_append(tested: Tested, way: str) -> None:
    append(tested, AddRow(table=things, values={"id": "x"}))
    head = tested.store.head()
    with pytest.raises(RowExists) as caught:
        append_by(way, tested, put("y"), AddRow(table=things, values={"id": "x"}))
    assert caught.value.table == "things"
    assert not tested.store.read_all(after=head, limit=10).events
    assert stored(tested, "version") == {"x": None}


@pytest.mark.parametrize("kind", [AddRow, PutRow])
def test_any_unique_key_refuses(tested: Tested, way: str, kind: type[AddRow | PutRow]) -> None:
    append(tested, put("x", name="one"))
    with pytest.raises(RowExists):
        append_by(way, tested, kind(table=things, values={"id": "y", "name": "one"}))
    assert stored(tested, "name") == {"x": "one"}


def test_nulls_never_clash(tested: Tested, way: str) -> None:
    append_by(way, tested, put("x", name=None), put("y", name=None))
    assert stored(tested, "name") == {"x": None, "y": None}


def test_rows_are_dropped_by_what_they_hold(tested: Tested, way: str) -> None:
    for first, second in (("a", "1"), ("a", "2"), ("b", "1")):
        append(tested, AddRow(table=pairs, values={"first": first, "second": second}))
    append_by(way, tested, DropRow(table=pairs, key={"first": "a"}))
    assert [(row["first"], row["second"]) for row in tested.rows(pairs)] == [("b", "1")]


def test_a_null_key_drops_what_is_null(tested: Tested, way: str) -> None:
    append(tested, put("x", name=None), put("y", name="one"))
    append_by(way, tested, DropRow(table=things, key={"name": None}))
    assert stored(tested, "name") == {"y": "one"}


def test_dropping_a_row_that_is_not_there_is_nothing(tested: Tested, way: str) -> None:
    append_by(way, tested, DropRow(table=things, key={"id": "x"}))
    assert tested.rows(things) == []


def test_a_key_without_columns_is_a_mistake(tested: Tested, way: str) -> None:
    append(tested, put("x"))
    with pytest.raises(ValueError, match="without columns"):
        append_by(way, tested, DropRow(table=things, key={}))
    assert len(tested.rows(things)) == 1


def test_dropping_at_a_position_to_come_is_a_mistake(tested: Tested, way: str) -> None:
    with pytest.raises(ValueError, match="not known yet"):
        append_by(way, tested, DropRow(table=things, key={"position": LAST_POSITION}))


def test_a_row_takes_the_last_position(tested: Tested, way: str) -> None:
    append_by(way, tested, put("x", position=LAST_POSITION))
    (event,) = tested.store.read_stream("way-1")
    assert stored(tested, "position") == {"x": event.position}


def test_each_stream_has_its_last_position_and_the_append_the_last_of_all(tested: Tested) -> None:
    appended = tested.store.append(
        [
            an_append("a-1", an_event(), an_event(), rows=[put("a", position=LAST_POSITION)]),
            an_append("b-1", rows=[put("b", position=LAST_POSITION)]),
        ],
        cause=CAUSE,
        at=NOON,
        rows=[put("all", position=LAST_POSITION)],
    )
    first = tested.store.read_stream("a-1")[-1].position
    assert stored(tested, "position") == {"a": first, "b": first + 1, "all": appended.position}


@pytest.mark.parametrize("expected", [Expected.NO_STREAM, Expected.ANY])
def test_rows_of_the_append_go_with_one_stream_too(tested: Tested, expected: Expected) -> None:
    one = an_append("a-1", expected=expected, rows=[put("x")])
    tested.store.append([one], cause=CAUSE, at=NOON, rows=[put("y"), put("z")])
    assert sorted(stored(tested, "version")) == ["x", "y", "z"]


def test_a_row_may_be_touched_twice_in_order(tested: Tested, way: str) -> None:
    append(tested, put("x", name="old", version=1))
    append_by(
        way, tested, DropRow(table=things, key={"id": "x"}), put("x", name="new"),
        put("y", version=1), put("y", version=2), DropRow(table=marks, key={"id": "m"}),
    )  # fmt: skip
    assert stored(tested, "name") == {"x": "new", "y": None}
    assert stored(tested, "version") == {"x": None, "y": 2}


def test_a_stale_version_writes_no_row(tested: Tested) -> None:
    append(tested, put("x", version=1))
    with pytest.raises(VersionConflict):
        tested.store.append(
            [an_append("a-1", rows=[put("x", version=2), DropRow(table=things, key={"id": "x"})])],
            cause=CAUSE,
            at=NOON,
        )
    assert stored(tested, "version") == {"x": 1}


def test_a_stale_version_is_told_before_a_row_that_exists(tested: Tested) -> None:
    append(tested, put("x"))
    with pytest.raises(VersionConflict):
        tested.store.append(
            [an_append("a-1", rows=[AddRow(table=things, values={"id": "x"})])],
            cause=CAUSE,
            at=NOON,
        )


def test_many_streams_write_their_rows(tested: Tested) -> None:
    tested.store.append(
        (
            an_append(
                f"a-{number}",
                rows=[
                    put(f"{number:04}", position=LAST_POSITION),
                    AddRow(table=marks, values={"id": str(number)}),
                ],
            )
            for number in range(1_500)
        ),
        cause=CAUSE,
        at=NOON,
    )
    events = tested.store.read_all(after=0, limit=2_000).events
    assert list(stored(tested, "position").values()) == [event.position for event in events]
    assert len(tested.rows(marks)) == 1_500


def test_one_row_of_many_can_refuse_all(tested: Tested) -> None:
    append(tested, AddRow(table=marks, values={"id": "1400"}))
    head = tested.store.head()
    with pytest.raises(RowExists):
        tested.store.append(
            (
                an_append(f"b-{number}", rows=[AddRow(table=marks, values={"id": str(number)})])
                for number in range(1_500)
            ),
            cause=CAUSE,
            at=NOON,
        )
    assert tested.store.read_stream("b-0") == []
    assert len(tested.rows(marks)) == 1
    assert not tested.store.read_all(after=head, limit=10).events


def test_a_stale_version_of_many_is_told_before_a_row_that_exists(tested: Tested) -> None:
    append(tested, AddRow(table=marks, values={"id": "1"}))
    with pytest.raises(VersionConflict) as caught:
        tested.store.append(
            (
                an_append(f"a-{number}", rows=[AddRow(table=marks, values={"id": str(number)})])
                for number in range(2_500)
            ),
            cause=CAUSE,
            at=NOON,
        )
    assert caught.value.stream == "a-1"
    assert len(tested.rows(marks)) == 1

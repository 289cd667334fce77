"""Whatever is appended in whatever order, the store agrees with a dictionary of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from events.store.port import AddRow, Expected, PutRow, RowExists, StreamAppend, VersionConflict
from tests.contract.store.kit import in_memory, marks, things
from tests.support.events import NOON, a_cause, an_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.store.port import ExpectedVersion
    from tests.contract.store.kit import Tested

CAUSE = a_cause()
SUBJECTS = st.sampled_from(["1", "2", "3"])
ONE = st.tuples(
    SUBJECTS,
    st.one_of(st.sampled_from([Expected.NO_STREAM, Expected.ANY]), st.integers(1, 5)),
    st.integers(1, 3),
)


class StoreModel(RuleBasedStateMachine):
    """A machine for one store, which earlier machines may have used: its streams have new names."""

    make: Callable[[], Tested]
    machines = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).machines += 1
        self.tested = type(self).make()
        self.prefix = f"m{self.machines}"
        self.start = self.tested.store.head()
        self.log: list[tuple[str, int, str]] = []
        self.things: dict[str, int] = {}
        self.marks: set[str] = set()

    def version(self, stream: str) -> int:
        return sum(name == stream for name, _, _ in self.log)

    def fits(self, stream: str, expected: ExpectedVersion) -> bool:
        known = self.version(stream)
        if isinstance(expected, int):
            return known == expected
        return expected is Expected.ANY or known == 0

    @rule(
        parts=st.lists(ONE, min_size=1, max_size=3, unique_by=lambda part: part[0]),
        mark=st.sampled_from([None, "a", "b", "c", "d", "e"]),
        exact=st.booleans(),
    )
    def append(self, parts: list[tuple[str, Any, int]], mark: str | None, *, exact: bool) -> None:
        appends = [self.one(*part, exact=exact) for part in parts]
        marked = f"{self.prefix}-{mark}"
        rows = [AddRow(table=marks, values={"id": marked})] if mark else []
        stale = {one.stream for one in appends if not self.fits(one.stream, one.expected)}
        if stale:
            with pytest.raises(VersionConflict) as conflict:
                self.tested.store.append(appends, cause=CAUSE, at=NOON, rows=rows)
            assert conflict.value.stream in stale
            return
        if mark and marked in self.marks:
            with pytest.raises(RowExists, match="marks"):
                self.tested.store.append(appends, cause=CAUSE, at=NOON, rows=rows)
            return
        appended = self.tested.store.append(appends, cause=CAUSE, at=NOON, rows=rows)
        self.remember(appends, marked if mark else None)
        assert appended.versions == {one.stream: self.version(one.stream) for one in appends}
        assert appended.position == self.tested.store.head()

    def one(self, subject: str, expected: Any, count: int, *, exact: bool) -> StreamAppend:
        """Return an append; `exact` makes an expected version the one that holds."""
        stream = f"{self.prefix}-{subject}"
        known = self.version(stream)
        if exact and isinstance(expected, int):
            expected = known or Expected.NO_STREAM
        new = [an_event() for _ in range(count)]
        row = PutRow(
            table=things, values={"id": stream, "version": known + count}, newer_by="version"
        )
        return StreamAppend(stream=stream, expected=expected, events=new, rows=[row])

    def remember(self, appends: list[StreamAppend], mark: str | None) -> None:
        for one in appends:
            for event in one.events:
                self.log.append((one.stream, self.version(one.stream) + 1, event.id))
            self.things[one.stream] = self.version(one.stream)
        if mark:
            self.marks.add(mark)

    @invariant()
    def the_log_is_what_was_appended(self) -> None:
        page = self.tested.store.read_all(after=self.start, limit=10_000)
        assert [(e.stream, e.version, e.id) for e in page.events] == self.log
        positions = [event.position for event in page.events]
        assert positions == sorted(set(positions))

    @invariant()
    def each_stream_is_its_part_of_the_log(self) -> None:
        for stream in {name for name, _, _ in self.log}:
            events = self.tested.store.read_stream(stream)
            assert [(e.stream, e.version, e.id) for e in events] == [
                entry for entry in self.log if entry[0] == stream
            ]

    @invariant()
    def the_rows_changed_with_the_events(self) -> None:
        own = {
            row["id"]: row["version"]
            for row in self.tested.rows(things)
            if row["id"].startswith(f"{self.prefix}-")
        }
        assert own == self.things
        assert self.marks == {
            row["id"] for row in self.tested.rows(marks) if row["id"].startswith(f"{self.prefix}-")
        }


@pytest.mark.timeout(3_600)
def test_the_store_agrees_with_its_model(tested: Tested) -> None:
    make = in_memory if tested.name == "memory" else lambda: tested
    machine: type[StoreModel] = type("Machine", (StoreModel,), {"make": staticmethod(make)})
    run_state_machine_as_test(machine)
    assert machine.machines > 1

"""The schedule of re-tests: all settings in the order of their IDs, evenly over the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.envelope import SYSTEM_ACTOR_PREFIX, Cause
from events.store.port import AddRow, DropRow, RowExists, RowWrite
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.context import Context
from services.config_api.application.loading import load_settings
from services.config_api.read_model.operational_tables import retest_steps
from services.config_api.read_model.retests import Passed, RetestRows, RetestStep

PART = "schedule"
_ACTOR = SYSTEM_ACTOR_PREFIX + PART
_PAGE = 200
_BEFORE_ALL = ""
#: What is left behind for longer, by a relay that was away, is not made up for at once.
_MADE_UP_FOR = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What one step of the schedule did; `more` tells that the next one is due already."""

    asked: int = 0
    spared: int = 0
    more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Retests:
    """Walks through all settings once a period, at the same pace all the time.

    A setting's turn is a matter of its place in the order, so that tests are spread evenly however
    many settings there are, and stay so after a restart: the walk goes on where it stopped.
    """

    rows: RetestRows
    connection_tests: ConnectionTests
    period: timedelta

    def step(self, at: datetime, settings: int) -> Moved:
        """Ask for the tests that are due; `settings` is how many there are, which sets the pace.

        A setting is spared whose test has not ended, or that somebody tested within the period.
        Raises StoreUnavailable.
        """
        before = self.rows.newest_step()
        if before is None:
            self._begin(at)
            return Moved()
        if settings == 0:
            return Moved()
        pause = max(self.period / settings, timedelta.resolution)
        since = max(before.at, at - max(pause, _MADE_UP_FOR))
        due = int((at - since) / pause)
        if due <= 0:  # below 0 where the clock was put back
            return Moved()
        taken = min(due, settings, _PAGE)
        page = self._next(before.after_id, taken)
        after_id = page[-1].id if page else _BEFORE_ALL
        step = RetestStep(number=before.number + 1, after_id=after_id, at=since + taken * pause)
        return self._take(step, page, at, more=due > taken)

    def _begin(self, at: datetime) -> None:
        """Put the walk before the first setting: its turn comes after a pause, as every other's."""
        begun = RetestStep(number=1, after_id=_BEFORE_ALL, at=at)
        try:
            self.connection_tests.write_rows([_added(begun)])
        except RowExists:
            return  # another relay was faster

    def _next(self, after_id: str, most: int) -> list[Passed]:
        """Return the next settings; behind the last one the first follows, no one twice."""
        page = self.rows.page(after_id, most)
        if len(page) < most:
            first = self.rows.page(_BEFORE_ALL, most - len(page))
            page += [one for one in first if one.id <= after_id]
        return page

    def _take(self, step: RetestStep, page: Sequence[Passed], at: datetime, *, more: bool) -> Moved:
        wanted = [one.id for one in page if not self._spared(one, at)]
        rows: list[RowWrite] = [
            _added(step),
            DropRow(table=retest_steps, key={"number": step.number - 1}),
        ]
        ctx = Context(cause=Cause.by_system(PART), at=at)
        try:
            asked = self.connection_tests.request_again(
                load_settings(self.connection_tests.store, wanted), ctx, rows
            )
        except RowExists:
            return Moved()  # another relay took this step
        return Moved(asked=asked, spared=len(page) - asked, more=more)

    def _spared(self, one: Passed, at: datetime) -> bool:
        if one.waits:
            return True
        if one.tested_at is None or one.tested_by == _ACTOR:
            return False  # the schedule's own last test made its turn a whole period ago
        return one.tested_at > at - self.period


def _added(step: RetestStep) -> AddRow:
    values = {"number": step.number, "after_id": step.after_id, "at": step.at}
    return AddRow(table=retest_steps, values=values)

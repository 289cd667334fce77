"""The settings of all tenants as they were at a position, from the events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from events.envelope import names_in
from events.smtp_setting import CATEGORY
from events.store.port import EventStore
from services.config_api.application.last_tests import last_tests_at
from services.config_api.application.loading import load_settings, setting_stream
from services.config_api.domain.setting import SettingState
from services.config_api.read_model.documents import setting_json
from services.config_api.read_model.listed import (
    LastTest,
    ListedSetting,
    SettingsPage,
    SettingsQuery,
)
from services.config_api.read_model.projections import search_text, searchable

_CHUNK = 500
_SMALL_CHUNK = 50
_PREFIX, _ = names_in(CATEGORY)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastSettings:
    """The settings that a query finds at a position, as the list showed them at that time.

    Both answers fold streams in the order of their ids, 500 at a time: a page only until it is
    full, so that without a filter its price is that of its own settings; a count folds all. Both
    raise StoreUnavailable.
    """

    store: EventStore
    query: SettingsQuery
    position: int

    def page(self, *, after_id: str | None, limit: int) -> SettingsPage:
        """Return up to `limit` settings behind an id."""
        items: list[ListedSetting] = []
        for states in self._chunks(after_id, self._chunk_for(limit)):
            wanted = limit + 1 - len(items)
            few = states[:wanted] if self.query.verdict is None else states
            items += [_listed(*told) for told in self._with_tests(few)[:wanted]]
            if len(items) > limit:
                return SettingsPage(items=items[:limit], next_id=items[limit - 1].id)
        return SettingsPage(items=items, next_id=None)

    def count(self) -> int:
        """Return how many there are."""
        if self.query.verdict is None:
            return sum(len(states) for states in self._chunks(None, _CHUNK))
        return sum(len(self._with_tests(states)) for states in self._chunks(None, _CHUNK))

    def _chunk_for(self, limit: int) -> int:
        query = self.query
        filters = bool(query.q) or query.is_default is not None or query.verdict is not None
        return _CHUNK if filters else max(limit + 1, _SMALL_CHUNK)

    def _chunks(self, after_id: str | None, size: int) -> Iterator[list[SettingState]]:
        """Yield those that `q` and `is_default` ask for, of up to `size` streams at a time."""
        for ids in self._ids(after_id, size):
            states = load_settings(self.store, ids, upto_position=self.position)
            yield [state for state in states if self._asks_for(state)]

    def _asks_for(self, state: SettingState) -> bool:
        if state.values is None or self.query.is_default not in (None, state.is_default):
            return False
        q = self.query.q
        return not q or searchable(q) in search_text(state.setting_id, state.values)

    def _ids(self, after_id: str | None, size: int) -> Iterator[list[str]]:
        if self.query.tenants is not None:
            ids = sorted(one for one in self.query.tenants if after_id is None or one > after_id)
            yield from (ids[start : start + size] for start in range(0, len(ids), size))
            return
        after = None if after_id is None else setting_stream(after_id)
        while names := self.store.stream_names(
            CATEGORY, after=after, limit=size, upto_position=self.position
        ):
            yield [name.removeprefix(_PREFIX) for name in names]
            after = names[-1]

    def _with_tests(
        self, states: Sequence[SettingState]
    ) -> list[tuple[SettingState, LastTest | None]]:
        """Return those that ended with the verdict asked for, if one is, with their last test."""
        tests = last_tests_at(self.store, [one.setting_id for one in states], self.position)
        wanted = self.query.verdict
        return [
            (state, last)
            for state in states
            for last in [tests.get(state.setting_id)]
            if wanted is None or (last is not None and last.verdict == wanted)
        ]


def _listed(state: SettingState, last_test: LastTest | None) -> ListedSetting:
    return ListedSetting(
        id=state.setting_id,
        document=setting_json(state),
        version=state.version,
        last_test=last_test,
    )

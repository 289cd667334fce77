"""Replays the settings: as they were at a moment, and every event that led there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from events.catalogue import decode
from events.envelope import RecordedEvent, names_in
from events.smtp_setting import CATEGORY
from events.store.port import EventStore
from services.config_api.application.history import Version, changes_between
from services.config_api.application.loading import histories, setting_stream
from services.config_api.domain import setting
from services.config_api.domain.differences import Change
from services.config_api.domain.setting import SettingState

_PREFIX, _ = names_in(CATEGORY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """One setting at two moments, and what happened to it in between."""

    before: SettingState
    after: SettingState
    steps: Sequence[Version]

    @property
    def changes(self) -> list[Change]:
        """What differs, field by field; secrets as versions only."""
        return changes_between(self.before, self.after)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """Folds streams in the order of their ids, one at a time; raises StoreUnavailable."""

    store: EventStore

    def settings(
        self, *, until: int, since: int = 0, tenants: Sequence[str] = ()
    ) -> Iterator[Replayed]:
        """Yield each setting to which something happened after `since` and up to `until`.

        Both are positions. Without tenants those of all are replayed.
        """
        for stream, events in self._histories(until, tenants):
            replayed = _replayed(stream.removeprefix(_PREFIX), events, since)
            if replayed.steps:
                yield replayed

    def _histories(
        self, until: int, tenants: Sequence[str]
    ) -> Iterator[tuple[str, Iterable[RecordedEvent]]]:
        if tenants:
            names = [setting_stream(one) for one in sorted(set(tenants))]
            read = histories(self.store, names, upto_position=until)
            yield from zip(names, read, strict=True)
        else:
            every = self.store.read_category(CATEGORY, upto_position=until)
            yield from groupby(every, key=attrgetter("stream"))


def _replayed(setting_id: str, events: Iterable[RecordedEvent], since: int) -> Replayed:
    before = state = SettingState(setting_id=setting_id)
    steps: list[Version] = []
    for event in events:
        after = setting.evolve(state, event, decode(event))
        if event.position <= since:
            before = after
        else:
            steps.append(Version(event=event, before=state, after=after))
        state = after
    return Replayed(before=before, after=state, steps=steps)

"""Settings that were changed lately, so that the next change folds only what is new in a stream.

Each load still asks the stream what it holds by now. Without this a setting that programs change
again and again would cost more with each change.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final

from events.catalogue import decode
from events.store.port import EventStore
from services.config_api.application.loading import setting_stream
from services.config_api.domain.setting import SettingState, fold_on

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Recent:
    state: SettingState
    event_id: str  # of the last event in it


class RecentSettings:
    """Loads settings as their streams are now; for all threads of a process."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._recent: OrderedDict[str, _Recent] = OrderedDict()

    def load(self, store: EventStore, setting_id: str) -> SettingState:
        """Return a setting's state; raises StoreUnavailable."""
        stream = setting_stream(setting_id)
        state = SettingState(setting_id=setting_id)
        recent = self._recent.get(setting_id)
        if recent is None:
            events = store.read_stream(stream)
        else:
            state = recent.state
            events = store.read_stream(stream, from_version=state.version)
            if not events or events[0].id != recent.event_id:  # an older database was put back
                self._forget(setting_id)
                return self.load(store, setting_id)
            events = events[1:]
        if events:
            state = fold_on(state, ((event, decode(event)) for event in events))
            self.keep(state, events[-1].id)
        return state

    def newest(self, seen: SettingState) -> SettingState:
        """Return a state that was loaded, or a newer one that this process knows of by now."""
        recent = self._recent.get(seen.setting_id)
        return seen if recent is None or recent.state.version <= seen.version else recent.state

    def keep(self, state: SettingState, event_id: str) -> None:
        """Keep a state as its stream holds it, up to the event of this id."""
        with self._lock:
            self._recent[state.setting_id] = _Recent(state, event_id)
            self._recent.move_to_end(state.setting_id)
            if len(self._recent) > self._most:
                self._recent.popitem(last=False)

    def _forget(self, setting_id: str) -> None:
        with self._lock:
            self._recent.pop(setting_id, None)

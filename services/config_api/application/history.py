"""Settings as they were: answered from their events, not from the read model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from events.catalogue import decode
from events.envelope import RecordedEvent
from events.store.port import EventStore
from services.config_api.application.last_tests import last_tests_at
from services.config_api.application.loading import load_setting, setting_stream
from services.config_api.application.past_settings import PastSettings
from services.config_api.domain import setting
from services.config_api.domain.differences import Change, differences
from services.config_api.domain.errors import SettingNotFound
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.setting import SettingState
from services.config_api.read_model.listed import LastTest, SettingsQuery

Moment = int | datetime


class Version(Struct, frozen=True, kw_only=True):
    """One event of a setting, and the setting before and after it."""

    event: RecordedEvent
    before: SettingState
    after: SettingState


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Reads streams up to a moment: a position, or an instant (aware), which is at a position.

    A moment that has not come yet is answered as now. All of it raises StoreUnavailable.
    """

    store: EventStore

    def position(self, at: Moment) -> int:
        """Return the position of a moment."""
        return at if isinstance(at, int) else self.store.position_at(at)

    def setting_at(self, setting_id: str, at: Moment) -> SettingState:
        """Return a setting's state at a moment, `exists` False where it was not."""
        return load_setting(self.store, setting_id, upto_position=self.position(at))

    def last_test_at(self, setting_id: str, at: Moment) -> LastTest | None:
        """Return the last test of a setting that was completed by a moment."""
        return last_tests_at(self.store, [setting_id], self.position(at)).get(setting_id)

    def settings_at(self, query: SettingsQuery, at: Moment) -> PastSettings:
        """Return the settings that a query finds at a moment."""
        return PastSettings(store=self.store, query=query, position=self.position(at))

    def versions(self, setting_id: str) -> list[Version]:
        """Return all versions of a setting, from 1, also those of one that is deleted now.

        Raises SettingNotFound where there never was one.
        """
        found: list[Version] = []
        state = SettingState(setting_id=setting_id)
        for event in self.store.read_stream(setting_stream(setting_id)):
            after = setting.evolve(state, event, decode(event))
            found.append(Version(event=event, before=state, after=after))
            state = after
        if not found:
            raise SettingNotFound(setting_id)
        return found


def changes_between(before: SettingState, after: SettingState) -> list[Change]:
    """Return the fields that differ, and whether it is a default; secrets as versions only.

    A state without values has no fields: against it all of them differ.
    """
    changes = differences(before.values, after.values)
    if before.is_default != after.is_default:
        told = [state.is_default if state.exists else None for state in (before, after)]
        changes.append(Change(path=pointer_to("is_default"), before=told[0], after=told[1]))
    return changes

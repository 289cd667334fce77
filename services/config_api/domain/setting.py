"""What a setting's stream says: its state, and how each fact changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SettingDeleted,
    SettingImported,
    SettingRegistered,
    SettingRestored,
    SettingUpdated,
    SettingValues,
)

Origin = Literal["registered", "imported", "default"]


class Recorded(Protocol):
    """What of an event's envelope a state remembers; `RecordedEvent` is one."""

    @property
    def version(self) -> int:
        """Its place in the stream, from 1."""
        ...

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded."""
        ...

    @property
    def actor(self) -> str:
        """Who caused it."""
        ...


class SettingState(Struct, frozen=True, kw_only=True):
    """A setting at one version of its stream; version 0 is a stream without events.

    `values` is None where the setting was never there or is deleted. `secret_versions` holds the
    highest version that each secret ever had, so that none is used twice. `is_default` is true
    until an administrator changes a setting of the defaults file; its `origin` stays `default`.
    """

    setting_id: str
    version: int = 0
    values: SettingValues | None = None
    origin: Origin | None = None
    is_default: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None
    secret_versions: Mapping[str, int] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """True while there is a setting."""
        return self.values is not None


def evolve(state: SettingState, recorded: Recorded, fact: object) -> SettingState:  # noqa: PLR0911 -- one answer a fact
    """Return the state after one more fact; an unknown fact only counts as a version."""
    match fact:
        case SettingRegistered(values=values):
            return _with_values(state, recorded, values, origin="registered")
        case SettingImported(values=values):
            return _with_values(state, recorded, values, origin="imported")
        case SettingUpdated(values=values):
            return _with_values(state, recorded, values, origin=state.origin)
        case SettingRestored(values=values):
            return _with_values(state, recorded, values, origin=state.origin or "registered")
        case DefaultProvisioned(values=values):
            provisioned = _with_values(state, recorded, values, origin="default")
            return replace(provisioned, is_default=True)
        case SettingDeleted() | DefaultWithdrawn():
            return SettingState(
                setting_id=state.setting_id,
                version=recorded.version,
                updated_at=recorded.recorded_at,
                updated_by=recorded.actor,
                secret_versions=state.secret_versions,
            )
        case _:
            return replace(state, version=recorded.version)


def fold(setting_id: str, events: Iterable[tuple[Recorded, object]]) -> SettingState:
    """Return a setting's state from its whole stream, decoded, in version order."""
    return fold_on(SettingState(setting_id=setting_id), events)


def fold_on(state: SettingState, events: Iterable[tuple[Recorded, object]]) -> SettingState:
    """Return the state after more events, decoded, in version order."""
    for recorded, fact in events:
        state = evolve(state, recorded, fact)
    return state


def _with_values(
    state: SettingState, recorded: Recorded, values: SettingValues, *, origin: Origin | None
) -> SettingState:
    highest = state.secret_versions
    for field_, ref in values.secrets.items():
        if ref.version > highest.get(field_, 0):
            highest = {**highest, field_: ref.version}
    return SettingState(
        setting_id=state.setting_id,
        version=recorded.version,
        values=values,
        origin=origin,
        created_at=state.created_at or recorded.recorded_at,
        updated_at=recorded.recorded_at,
        updated_by=recorded.actor,
        secret_versions=highest,
    )

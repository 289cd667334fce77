"""From streams to states, for handlers; and states as they will be after an append."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from events.catalogue import Fact, decode, encode
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.envelope import NewEvent, RecordedEvent, stream_name
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.store.port import EventStore, Expected, ExpectedVersion
from services.config_api.application.context import Context
from services.config_api.domain import connection_test, setting
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_id import is_setting_id

#: The setting that applies to every tenant without one of its own.
DEFAULT_ID: Final = "default"
#: About so many events are held at once, whatever the streams' histories are.
_EVENTS_AT_ONCE: Final = 1_000
_STREAMS_AT_FIRST: Final = 4
_TIMES_MORE: Final = 8


class Versioned(Protocol):
    """A state that knows at which version of its stream it is."""

    @property
    def version(self) -> int: ...


S = TypeVar("S", bound=Versioned)
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A connection test's state, and the events that it was folded from."""

    state: TestState
    events: Sequence[RecordedEvent]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectant:
    """The envelope of a fact that is about to be appended, as far as a state remembers it."""

    version: int
    recorded_at: datetime
    actor: str


def setting_stream(setting_id: str) -> str:
    """Return the stream of a setting."""
    return stream_name(SETTING_CATEGORY, setting_id)


def test_stream(test_id: str) -> str:
    """Return the stream of a connection test."""
    return stream_name(TEST_CATEGORY, test_id)


def load_setting(
    store: EventStore,
    setting_id: str,
    *,
    upto_version: int | None = None,
    upto_position: int | None = None,
) -> SettingState:
    """Return a setting's state now, or as it was at a version or position."""
    events = store.read_stream(setting_stream(setting_id), upto_position=upto_position)
    if upto_version is not None:
        events = events[:upto_version]
    return folded_setting(setting_id, events)


def load_setting_in_force(store: EventStore, setting_id: str) -> SettingState:
    """Return the state of the setting that applies to a tenant: its own, else that of `default`.

    What is no tenant's ID has neither.
    """
    own = load_setting(store, setting_id)
    if own.exists or not is_setting_id(setting_id):
        return own
    return load_setting(store, DEFAULT_ID)


def folded_setting(setting_id: str, events: Sequence[RecordedEvent]) -> SettingState:
    """Return a setting's state from the events of its stream."""
    return setting.fold(setting_id, ((event, decode(event)) for event in events))


def load_settings(
    store: EventStore, setting_ids: Sequence[str], *, upto_position: int | None = None
) -> list[SettingState]:
    """Return the states of settings, now or as of a position, in the order given."""
    names = [setting_stream(setting_id) for setting_id in setting_ids]
    read = histories(store, names, upto_position=upto_position)
    return [
        folded_setting(setting_id, events)
        for setting_id, events in zip(setting_ids, read, strict=True)
    ]


def histories(
    store: EventStore, names: Sequence[str], *, upto_position: int | None
) -> Iterator[Sequence[RecordedEvent]]:
    """Yield the events of streams, in the order given.

    Some are read at a time, fewer where the histories of those before are long.
    """
    begin, at_once = 0, _STREAMS_AT_FIRST
    while some := names[begin : begin + at_once]:
        found = store.read_streams(some, upto_position=upto_position)
        yield from (found.get(name, ()) for name in some)
        events = sum(map(len, found.values()))
        fitting = max(1, _EVENTS_AT_ONCE * len(some) // max(1, events))
        begin += len(some)
        at_once = min(fitting, _EVENTS_AT_ONCE, _TIMES_MORE * len(some))


def load_test(store: EventStore, test_id: str) -> Loaded:
    """Return a connection test as its stream tells it."""
    events = store.read_stream(test_stream(test_id))
    state = connection_test.fold(test_id, ((event, decode(event)) for event in events))
    return Loaded(state=state, events=events)


def setting_after(state: SettingState, facts: Sequence[Fact], ctx: Context) -> SettingState:
    """Return a setting's state once these facts are recorded."""
    return after(state, facts, setting.evolve, ctx)


def test_after(state: TestState, facts: Sequence[Fact], ctx: Context) -> TestState:
    """Return a test's state once these facts are recorded."""
    return after(state, facts, connection_test.evolve, ctx)


def after(state: S, facts: Sequence[F], evolve: Callable[[S, Expectant, F], S], ctx: Context) -> S:
    """Return a state once these facts are recorded."""
    for fact in facts:
        recorded = Expectant(version=state.version + 1, recorded_at=ctx.at, actor=ctx.cause.actor)
        state = evolve(state, recorded, fact)
    return state


def expected_version(version: int) -> ExpectedVersion:
    """Return what an append expects of a stream that was loaded at this version."""
    return Expected.NO_STREAM if version == 0 else version


def encoded(facts: Sequence[Fact], *, tenant: str | None) -> list[NewEvent]:
    """Return facts ready for an append."""
    return [encode(fact, tenant=tenant) for fact in facts]

"""The fold of a whole log equals each stream folded by itself, event by event."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from events.access import TOKEN_CATEGORY, USER_CATEGORY
from events.catalogue import UnknownEvent, decode
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.detection import CATEGORY as DETECTION_CATEGORY
from events.envelope import new_id
from events.oauth_provider import CATEGORY as PROVIDER_CATEGORY
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.store.port import Expected
from events.store.sql import scanning
from services.config_api.domain import connection_test, detection, oauth_provider, setting
from services.config_api.read_model.folding import Folded, fold_all
from services.config_api.read_model.projections import TokenState, evolve_token
from services.config_api.read_model.user_rows import UserState, evolve_user
from tests.contract.store.kit import opened
from tests.support.events import NOON, a_cause, an_append
from tests.support.generated_events import category_of, events

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from events.envelope import NewEvent, RecordedEvent
    from events.store.port import EventStore

HISTORIES = st.lists(st.tuples(events(), st.sampled_from("ab")), min_size=1, max_size=12)


def fold_token(subject: str, told: Iterable[tuple[RecordedEvent, object]]) -> TokenState:
    state = TokenState(token_id=subject)
    for event, fact in told:
        state = evolve_token(state, event, fact)
    return state


def fold_user(subject: str, told: Iterable[tuple[RecordedEvent, object]]) -> UserState:
    state = UserState(name=subject)
    for event, fact in told:
        state = evolve_user(state, event, fact)
    return state


#: Category → how its streams are folded one by one, and where the whole fold keeps their states.
PLAIN: dict[str, tuple[Any, str]] = {
    SETTING_CATEGORY: (setting.fold, "settings"),
    TEST_CATEGORY: (connection_test.fold, "tests"),
    DETECTION_CATEGORY: (detection.fold, "detections"),
    PROVIDER_CATEGORY: (oauth_provider.fold, "providers"),
    TOKEN_CATEGORY: (fold_token, "tokens"),
    USER_CATEGORY: (fold_user, "users"),
}


def one_by_one(store: EventStore, streams: set[str]) -> dict[str, Any]:
    """Return the states by stream, and those that hold what only a later release knows."""
    states: dict[str, Any] = {"later": set()}
    for stream in streams:
        category, _, subject = stream.partition("-")
        if category in PLAIN:
            told = [(event, decode(event)) for event in store.read_stream(stream)]
            states[stream] = PLAIN[category][0](subject, told)
            if any(isinstance(fact, UnknownEvent) for _, fact in told):
                states["later"].add(stream)
    return states


def as_a_whole(folded: Folded) -> dict[str, Any]:
    return {"later": folded.later} | {
        f"{category}-{subject}": state
        for category, (_, name) in PLAIN.items()
        for subject, state in getattr(folded, name).items()
    }


def appended(store: EventStore, history: list[tuple[NewEvent, str]], run: str) -> set[str]:
    streams = set()
    for event, subject in history:
        stream = f"{category_of(event)}-{run}{subject}"
        store.append([an_append(stream, event, expected=Expected.ANY)], cause=a_cause(), at=NOON)
        streams.add(stream)
    return streams


def test_the_whole_log_is_folded_as_each_stream_by_itself(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PAGE", 3)
    streams: set[str] = set()
    with closing(opened(store_url)) as log:

        @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
        @given(history=HISTORIES)
        def folded_alike(history: list[tuple[NewEvent, str]]) -> None:
            streams.update(appended(log.store, history, new_id()))
            told = one_by_one(log.store, streams)
            assert as_a_whole(fold_all(log.store.scan())) == told

        folded_alike()
        with log.engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
        assert [event.position for event in log.store.scan()] == list(range(1, count + 1))

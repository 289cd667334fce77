"""From the whole log to all rows of the read model, in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from events.access import TOKEN_CATEGORY, USER_CATEGORY
from events.catalogue import decode
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.connection_test import ConnectionTestCompleted
from events.envelope import RecordedEvent
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.store.port import EventStore
from services.config_api.domain import connection_test, setting
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.setting import SettingState
from services.config_api.read_model.projections import (
    TokenState,
    evolve_token,
    last_test_row,
    setting_row,
    test_row,
    token_row,
)
from services.config_api.read_model.tables import (
    connection_tests,
    last_tests,
    smtp_settings,
    tokens,
    users,
)
from services.config_api.read_model.user_rows import UserState, evolve_user, user_row

_PAGE = 5_000
_CATEGORIES = frozenset({SETTING_CATEGORY, TEST_CATEGORY, TOKEN_CATEGORY, USER_CATEGORY})
Row = Mapping[str, Any]


@dataclass(kw_only=True, slots=True)
class Folded:
    """The states of all subjects up to a position.

    `requested` is the position of each test's request, `completed` that of its completion.
    """

    settings: dict[str, SettingState] = field(default_factory=dict)
    tests: dict[str, TestState] = field(default_factory=dict)
    tokens: dict[str, TokenState] = field(default_factory=dict)
    users: dict[str, UserState] = field(default_factory=dict)
    requested: dict[str, int] = field(default_factory=dict)
    completed: dict[str, int] = field(default_factory=dict)

    def take(self, event: RecordedEvent) -> None:
        """Fold one more event; those of streams that no row comes from are passed over."""
        category, _, subject = event.stream.partition("-")
        if category not in _CATEGORIES:
            return
        fact = decode(event)
        if category == SETTING_CATEGORY:
            known = self.settings.get(subject) or SettingState(setting_id=subject)
            self.settings[subject] = setting.evolve(known, event, fact)
        elif category == TEST_CATEGORY:
            test = self.tests.get(subject) or TestState(test_id=subject)
            self.tests[subject] = connection_test.evolve(test, event, fact)
            self.requested.setdefault(subject, event.position)
            if isinstance(fact, ConnectionTestCompleted):
                self.completed.setdefault(subject, event.position)
        elif category == USER_CATEGORY:
            user = self.users.get(subject) or UserState(name=subject)
            self.users[subject] = evolve_user(user, event, fact)
        else:
            token = self.tokens.get(subject) or TokenState(token_id=subject)
            self.tokens[subject] = evolve_token(token, event, fact)

    def rows(self) -> dict[str, list[Row]]:
        """Return all rows by the name of their table."""
        last: dict[str, Row] = {}
        for test_id, state in self.tests.items():
            row = last_test_row(state, self.completed.get(test_id, 0))
            if row is None:
                continue
            known = last.get(row["setting_id"])
            if known is None or known["position"] < row["position"]:
                last[row["setting_id"]] = row
        found: dict[str, Sequence[Row | None]] = {
            smtp_settings.name: [setting_row(state) for state in self.settings.values()],
            connection_tests.name: [
                test_row(state, self.requested[test_id]) for test_id, state in self.tests.items()
            ],
            last_tests.name: list(last.values()),
            tokens.name: [token_row(state) for state in self.tokens.values()],
            users.name: [user_row(state) for state in self.users.values()],
        }
        return {name: [row for row in rows if row is not None] for name, rows in found.items()}


def fold_all(store: EventStore) -> Folded:
    """Return the states as the whole log tells them, up to its head when it is read."""
    folded = Folded()
    after = 0
    with _without_collector():
        while True:
            page = store.read_all(after=after, limit=_PAGE)
            for event in page.events:
                folded.take(event)
            if page.at_end:
                return folded
            after = page.upto


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cyclic collector: it would look at every state again and again, and find none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

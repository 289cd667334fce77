"""From the whole log to all rows of the read model, in memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from events.access import TOKEN_CATEGORY, USER_CATEGORY
from events.catalogue import Fact, UnknownEvent, decode
from events.connection_test import CATEGORY as TEST_CATEGORY
from events.connection_test import ConnectionTestCompleted
from events.detection import CATEGORY as DETECTION_CATEGORY
from events.envelope import RecordedEvent, Told
from events.oauth_provider import CATEGORY as PROVIDER_CATEGORY
from events.smtp_setting import CATEGORY as SETTING_CATEGORY
from events.webhook import CATEGORY as WEBHOOK_CATEGORY
from services.config_api.domain import connection_test, detection, oauth_provider, setting, webhook
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.detection import DetectionState
from services.config_api.domain.oauth_provider import ProviderState
from services.config_api.domain.setting import SettingState
from services.config_api.domain.webhook import WebhookState
from services.config_api.read_model.detections import detection_row
from services.config_api.read_model.projections import (
    TokenState,
    evolve_token,
    last_test_row,
    setting_row,
    test_row,
    token_row,
)
from services.config_api.read_model.provider_rows import provider_row
from services.config_api.read_model.tables import (
    connection_tests,
    detections,
    last_tests,
    oauth_providers,
    smtp_settings,
    tokens,
    users,
    webhooks,
)
from services.config_api.read_model.user_rows import UserState, evolve_user, user_row
from services.config_api.read_model.webhook_rows import webhook_row

if TYPE_CHECKING:
    from sqlalchemy import Table

_CATEGORIES = frozenset(
    {
        SETTING_CATEGORY,
        TEST_CATEGORY,
        DETECTION_CATEGORY,
        TOKEN_CATEGORY,
        USER_CATEGORY,
        PROVIDER_CATEGORY,
        WEBHOOK_CATEGORY,
    }
)
Row = Mapping[str, Any]


class UnfoldableEvent(Exception):
    """An event that no row can be made of: nothing is exchanged until somebody has looked."""

    def __init__(self, event: RecordedEvent | Told, reason: Exception) -> None:
        kind = f"{event.type}, schema version {event.schema_version}"
        super().__init__(
            f"position {event.position} ({event.stream}, version {event.version}, {kind}): {reason}"
        )
        self.position: Final = event.position
        self.stream: Final = event.stream
        self.type: Final = event.type
        self.schema_version: Final = event.schema_version
        self.reason: Final = str(reason)


@dataclass(kw_only=True, slots=True)
class Folded:
    """The states of all subjects up to a position.

    `requested` is the position of each test's request, `completed` that of its completion. `later`
    are the streams in which a later release of the program wrote what this one does not know: only
    that release can make their rows.
    """

    settings: dict[str, SettingState] = field(default_factory=dict)
    tests: dict[str, TestState] = field(default_factory=dict)
    detections: dict[str, DetectionState] = field(default_factory=dict)
    tokens: dict[str, TokenState] = field(default_factory=dict)
    users: dict[str, UserState] = field(default_factory=dict)
    providers: dict[str, ProviderState] = field(default_factory=dict)
    hooks: dict[str, WebhookState] = field(default_factory=dict)
    requested: dict[str, int] = field(default_factory=dict)
    completed: dict[str, int] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)

    def take(self, event: RecordedEvent | Told) -> None:
        """Fold one more event; those of streams that no row comes from are passed over.

        Raises UnfoldableEvent.
        """
        category, _, subject = event.stream.partition("-")
        if category not in _CATEGORIES:
            return
        try:
            fact = decode(event)
            self._evolve(category, subject, event, fact)
        except (ValueError, LookupError, TypeError) as error:
            raise UnfoldableEvent(event, error) from error
        if isinstance(fact, UnknownEvent):
            self.later.add(event.stream)

    def _evolve(
        self,
        category: str,
        subject: str,
        event: RecordedEvent | Told,
        fact: Fact | UnknownEvent,
    ) -> None:
        if category == SETTING_CATEGORY:
            known = self.settings.get(subject) or SettingState(setting_id=subject)
            self.settings[subject] = setting.evolve(known, event, fact)
        elif category == TEST_CATEGORY:
            test = self.tests.get(subject) or TestState(test_id=subject)
            self.tests[subject] = connection_test.evolve(test, event, fact)
            self.requested.setdefault(subject, event.position)
            if isinstance(fact, ConnectionTestCompleted):
                self.completed.setdefault(subject, event.position)
        elif category == DETECTION_CATEGORY:
            search = self.detections.get(subject) or DetectionState(detection_id=subject)
            self.detections[subject] = detection.evolve(search, event, fact)
        elif category == USER_CATEGORY:
            user = self.users.get(subject) or UserState(name=subject)
            self.users[subject] = evolve_user(user, event, fact)
        elif category == PROVIDER_CATEGORY:
            provider = self.providers.get(subject) or ProviderState(provider_id=subject)
            self.providers[subject] = oauth_provider.evolve(provider, event, fact)
        elif category == WEBHOOK_CATEGORY:
            hook = self.hooks.get(subject) or WebhookState(webhook_id=subject)
            self.hooks[subject] = webhook.evolve(hook, event, fact)
        else:
            token = self.tokens.get(subject) or TokenState(token_id=subject)
            self.tokens[subject] = evolve_token(token, event, fact)

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a table of the read model; each is made when it is asked for."""
        return (row for row in self._made(table) if row is not None)

    def _made(self, table: Table) -> Iterable[Row | None]:
        if table is last_tests:
            return self._last_tests().values()
        if table is connection_tests:
            requested = self.requested
            return (test_row(state, requested[id_]) for id_, state in self.tests.items())
        made: Mapping[Table, tuple[Mapping[str, Any], Callable[[Any], Row | None]]] = {
            smtp_settings: (self.settings, setting_row),
            detections: (self.detections, detection_row),
            tokens: (self.tokens, token_row),
            users: (self.users, user_row),
            oauth_providers: (self.providers, provider_row),
            webhooks: (self.hooks, webhook_row),
        }
        states, row_of = made[table]
        return map(row_of, states.values())

    def _last_tests(self) -> dict[str, Row]:
        last: dict[str, Row] = {}
        for test_id, state in self.tests.items():
            row = last_test_row(state, self.completed.get(test_id, 0))
            if row is None:
                continue
            known = last.get(row["setting_id"])
            if known is None or known["position"] < row["position"]:
                last[row["setting_id"]] = row
        return last


def fold_all(events: Iterable[RecordedEvent | Told]) -> Folded:
    """Return the states as a whole log tells them; raises UnfoldableEvent."""
    folded = Folded()
    with without_collector():
        for event in events:
            folded.take(event)
    return folded


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the cyclic collector: it would look at every state again and again, and find none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""Commands on connection tests: request, claim, record, cancel, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

from events.connection_test import Depth
from events.envelope import new_id
from events.failpoints import reach
from events.messages import TestReported
from events.store.port import (
    LAST_POSITION,
    EventStore,
    Overtaken,
    RowWrite,
    StreamAppend,
    VersionConflict,
    Wakeup,
)
from services.config_api.application.asking_rate import AskingRate
from services.config_api.application.attempts import Attempts, first_attempt, no_attempt
from services.config_api.application.changing import TRIES
from services.config_api.application.commanding import as_command
from services.config_api.application.context import Answer, Context, WriteRows
from services.config_api.application.figures import TESTS
from services.config_api.application.handing_over import HandingOver
from services.config_api.application.loading import (
    Loaded,
    encoded,
    expected_version,
    load_setting,
    load_test,
    test_after,
    test_stream,
)
from services.config_api.application.sealing import Secrets, own_secrets, sealed
from services.config_api.application.stories import continued
from services.config_api.domain.connection_test import (
    CancelTest,
    CloseUntested,
    CompleteTest,
    RequestTest,
    TestCommand,
    TestState,
    UntestedCode,
)
from services.config_api.domain.decide_test import decide
from services.config_api.domain.errors import AttemptTaken, TestEnded, TestNotFound
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_fields import SettingDraft
from services.config_api.read_model.documents import test_document
from services.config_api.read_model.projections import rows_for_test


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionTests:
    """Asks for tests, hands them to testers and records what they conclude."""

    store: EventStore
    secrets: Secrets
    wakeup: Wakeup
    attempts: Attempts
    handing_over: HandingOver
    write_rows: WriteRows
    rate: AskingRate

    @as_command("connection_tests.request")
    def request(  # noqa: PLR0913 -- the fields of the request
        self,
        *,
        setting_id: str | None,
        draft: SettingDraft | None,
        depth: Depth,
        mail_from: str | None,
        rcpt_to: str | None,
        ctx: Context,
    ) -> Answer:
        """Ask for a test; the answer's document is the test without its sentences.

        Raises SettingNotFound, SecretRequired, InvalidSetting, InvalidTestRequest, TooManyTests.
        """
        setting = None if setting_id is None else load_setting(self.store, setting_id)
        command = RequestTest(
            test_id=new_id(),
            setting=setting,
            draft=draft,
            depth=depth,
            mail_from=mail_from,
            rcpt_to=rcpt_to,
        )
        after, append = _asked(command, ctx)
        answer = _answer(after, draft)
        rows = [*append.rows, *ctx.remember(answer)]
        if draft is not None and after.requested is not None:
            own = own_secrets(after.test_id, after.requested.draft)
            rows += sealed(self.secrets.of_tenant(setting_id), own, draft)
        asked_for = draft.values if draft is not None else setting and setting.values
        taken = self.rate.take(
            ctx.cause.actor, ctx.at, setting_id=setting_id, values=asked_for or None
        )
        try:
            self.store.append([replace(append, rows=rows)], cause=ctx.cause, at=ctx.at)
        except BaseException:
            self.rate.give_back(taken)
            raise
        self.wakeup.signal()
        return answer

    @as_command("connection_tests.request_again")
    def request_again(
        self, settings: Sequence[SettingState], ctx: Context, rows: Sequence[RowWrite]
    ) -> int:
        """Ask for a test of each setting that is there, and write `rows`, all or nothing.

        Returns how many; raises RowExists, StoreUnavailable.
        """
        appends = [
            _asked(RequestTest(test_id=new_id(), setting=setting), ctx)[1]
            for setting in settings
            if setting.exists
        ]
        if not appends:
            self.write_rows(rows)
            return 0
        self.store.append(appends, cause=ctx.cause, at=ctx.at, rows=rows)
        self.wakeup.signal()
        return len(appends)

    @as_command("connection_tests.cancel")
    def cancel(self, test_id: str, ctx: Context) -> Answer:
        """Stop a test; one that has ended stays as it is. Raises TestNotFound."""
        state, changed = self._end(CancelTest(test_id=test_id), test_id, ctx)
        answer = _answer(state, None)
        if not changed:
            self.write_rows(ctx.remember(answer))
        return answer

    @as_command("connection_tests.claim")
    def claim(self, test_id: str, attempt: int, ctx: Context) -> dict[str, Any]:
        """Hand one attempt to one tester: the JSON answer of `POST …/claim`, with the credential.

        Raises TestNotFound, TestEnded, AttemptTaken.
        """
        state = load_test(self.store, test_id).state
        if state.requested is None:
            raise TestNotFound(test_id)
        if state.ended:
            raise TestEnded(test_id)
        # Opened before it is taken: a vault that fails leaves the attempt for another try. The
        # attempt begins when all is at hand, for an access token may take seconds to come.
        began = monotonic()
        handed = self.handing_over.assignment(state.requested, attempt)
        at = ctx.at + timedelta(seconds=int(monotonic() - began))
        deadline = self.handing_over.deadline
        reach("claim.opened")
        if not self.attempts.claim(test_id, attempt, at=at, deadline=deadline):
            raise AttemptTaken(test_id, attempt)
        reach("claim.taken")
        return handed

    @as_command("connection_tests.record")
    def record(self, reported: TestReported, ctx: Context) -> bool:
        """Record a tester's conclusion; False where the test is unknown or has ended already."""
        command = CompleteTest(
            test_id=reported.test_id, attempt=reported.attempt, result=reported.result
        )
        return self._end_if_there(command, reported.test_id, ctx)

    @as_command("connection_tests.close")
    def close(self, test_id: str, code: UntestedCode, attempts: int, ctx: Context) -> bool:
        """End a test that nobody claimed or finished; False where it has ended already."""
        command = CloseUntested(test_id=test_id, code=code, attempts=attempts)
        return self._end_if_there(command, test_id, ctx)

    def traceparent(self, test_id: str) -> str | None:
        """Return the trace in which a test was asked for."""
        events = load_test(self.store, test_id).events
        return events[0].traceparent if events else None

    def _end_if_there(self, command: TestCommand, test_id: str, ctx: Context) -> bool:
        try:
            _, changed = self._end(command, test_id, ctx)
        except TestNotFound:
            return False
        return changed

    def _end(self, command: TestCommand, test_id: str, ctx: Context) -> tuple[TestState, bool]:
        for _ in range(TRIES):
            loaded = load_test(self.store, test_id)
            if not loaded.state.exists:
                raise TestNotFound(test_id)
            facts = decide(command, loaded.state)
            if not facts:
                return loaded.state, False
            after = test_after(loaded.state, facts, ctx)
            append = StreamAppend(
                stream=test_stream(test_id),
                expected=expected_version(loaded.state.version),
                events=encoded(facts, tenant=loaded.events[0].tenant),
                rows=self._rows_at_end(loaded, after, ctx),
            )
            try:
                self.store.append([append], cause=continued(ctx, loaded.events[0]).cause, at=ctx.at)
            except VersionConflict:
                continue
            self.wakeup.signal()
            _count(after)
            return after, True
        raise Overtaken(f"the test {test_id} changes faster than it could be ended")

    def _rows_at_end(self, loaded: Loaded, after: TestState, ctx: Context) -> Sequence[RowWrite]:
        """Return the read model's rows, and the deletion of what the test alone needed."""
        draft = after.requested.draft if after.requested else None
        own = own_secrets(after.test_id, draft)
        return [
            *rows_for_test(after, loaded.events[0].position),
            no_attempt(after.test_id),
            *(self.secrets.drop(ref) for ref in own.values()),
            *ctx.remember(_answer(after, None)),
        ]


def _asked(command: RequestTest, ctx: Context) -> tuple[TestState, StreamAppend]:
    """Return a test that is asked for, and what is to be appended for it."""
    before = TestState(test_id=command.test_id)
    facts = decide(command, before)
    after = test_after(before, facts, ctx)
    tenant = None if command.setting is None else command.setting.setting_id
    append = StreamAppend(
        stream=test_stream(after.test_id),
        expected=expected_version(before.version),
        events=encoded(facts, tenant=tenant),
        rows=[
            *rows_for_test(after, LAST_POSITION),
            first_attempt(after.test_id, command.depth, ctx.at),
        ],
    )
    return after, append


def _count(state: TestState) -> None:
    if state.result is not None:
        TESTS.labels(verdict=state.result.verdict, code=state.result.code).inc()


def _answer(state: TestState, draft: SettingDraft | None) -> Answer:
    warnings = draft.warnings if draft else ()
    return Answer(document=test_document(state), version=None, warnings=warnings)

"""Commands on connection tests: request, claim, record, cancel, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from events.connection_test import Depth
from events.envelope import SYSTEM_ACTOR_PREFIX, Cause, new_id
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
from services.config_api.application.attempts import Attempts, first_attempt, no_attempt
from services.config_api.application.context import Answer, Context, WriteRows
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
from services.config_api.application.smtp_settings import TRIES
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

        Raises SettingNotFound, SecretRequired, InvalidSetting, InvalidTestRequest.
        """
        setting = None if setting_id is None else load_setting(self.store, setting_id)
        before = TestState(test_id=new_id())
        command = RequestTest(
            test_id=before.test_id,
            setting=setting,
            draft=draft,
            depth=depth,
            mail_from=mail_from,
            rcpt_to=rcpt_to,
        )
        facts = decide(command, before)
        after = test_after(before, facts, ctx)
        answer = _answer(after, draft)
        rows = [*rows_for_test(after, LAST_POSITION), first_attempt(after.test_id, depth, ctx.at)]
        if draft is not None and after.requested is not None:
            own = own_secrets(after.test_id, after.requested.draft)
            rows += sealed(self.secrets, setting_id, own, draft)
        append = StreamAppend(
            stream=test_stream(after.test_id),
            expected=expected_version(before.version),
            events=encoded(facts, tenant=setting_id),
            rows=[*rows, *ctx.remember(answer)],
        )
        self.store.append([append], cause=ctx.cause, at=ctx.at)
        self.wakeup.signal()
        return answer

    def cancel(self, test_id: str, ctx: Context) -> Answer:
        """Stop a test; one that has ended stays as it is. Raises TestNotFound."""
        state, changed = self._end(CancelTest(test_id=test_id), test_id, ctx)
        answer = _answer(state, None)
        if not changed:
            self.write_rows(ctx.remember(answer))
        return answer

    def claim(self, test_id: str, attempt: int, ctx: Context) -> dict[str, Any]:
        """Hand one attempt to one tester: the JSON answer of `POST …/claim`, with the credential.

        Raises TestNotFound, TestEnded, AttemptTaken.
        """
        state = load_test(self.store, test_id).state
        if state.requested is None:
            raise TestNotFound(test_id)
        if state.ended:
            raise TestEnded(test_id)
        # Opened before it is taken: a vault that fails leaves the attempt for another try.
        handed = self.handing_over.assignment(state.requested, attempt)
        deadline = self.handing_over.deadline
        if not self.attempts.claim(test_id, attempt, at=ctx.at, deadline=deadline):
            raise AttemptTaken(test_id, attempt)
        return handed

    def record(self, reported: TestReported, ctx: Context) -> bool:
        """Record a tester's conclusion; False where the test is unknown or has ended already."""
        command = CompleteTest(
            test_id=reported.test_id, attempt=reported.attempt, result=reported.result
        )
        return self._end_if_there(command, reported.test_id, ctx)

    def close(self, test_id: str, code: UntestedCode, attempts: int, ctx: Context) -> bool:
        """End a test that nobody claimed or finished; False where it has ended already."""
        command = CloseUntested(test_id=test_id, code=code, attempts=attempts)
        return self._end_if_there(command, test_id, ctx)

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
                self.store.append([append], cause=_continued(ctx.cause, loaded), at=ctx.at)
            except VersionConflict:
                continue
            self.wakeup.signal()
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


def _answer(state: TestState, draft: SettingDraft | None) -> Answer:
    warnings = draft.warnings if draft else ()
    return Answer(document=test_document(state), version=None, warnings=warnings)


def _continued(cause: Cause, loaded: Loaded) -> Cause:
    """Return a cause of the product's own as part of the story that the request began."""
    if not cause.actor.startswith(SYSTEM_ACTOR_PREFIX):
        return cause
    first = loaded.events[0]
    return replace(
        cause,
        correlation_id=first.correlation_id,
        causation_id=cause.causation_id or first.id,
        traceparent=cause.traceparent or first.traceparent,
    )

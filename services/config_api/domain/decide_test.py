"""Which facts a command on a connection test leads to."""

from __future__ import annotations

from typing import Final, assert_never, get_args

from msgspec.structs import replace

from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestEvent,
    ConnectionTestRequested,
    Step,
    StepName,
    TestResult,
)
from events.smtp_setting import SettingValues
from services.config_api.domain.connection_test import (
    CancelTest,
    CloseUntested,
    CompleteTest,
    RequestTest,
    TestCommand,
    TestState,
    UntestedCode,
)
from services.config_api.domain.errors import InvalidTestRequest, SettingNotFound, TestNotFound
from services.config_api.domain.findings import Findings
from services.config_api.domain.secret_fields import (
    require_bound,
    require_password,
    resolve,
    secret_ref,
    with_secrets,
)
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_fields import SettingDraft

_MAX_ADDRESS: Final = 320  # RFC 5321: 64 octets, @, 255 octets
_WITH_ENVELOPE: Final = ("envelope", "send")


def decide(command: TestCommand, state: TestState) -> list[ConnectionTestEvent]:
    """Return the facts, none where nothing changes: a second result has no effect.

    A draft's new secrets get references `<test id>/<field>`, version 1, to be sealed with the
    fact. Raises TestNotFound, SettingNotFound, SecretRequired, InvalidSetting, InvalidTestRequest.
    """
    if isinstance(command, RequestTest):
        return [] if state.exists else [_requested(command)]
    if not state.exists:
        raise TestNotFound(state.test_id)
    if state.ended:
        return []
    match command:
        case CompleteTest(attempt=attempt, result=result):
            return [_completed(state, attempt, result)]
        case CloseUntested(code=code, attempts=attempts):
            return [_completed(state, attempts, _untested(code))]
        case CancelTest():
            return [ConnectionTestCancelled(test_id=state.test_id)]
        case _:
            assert_never(command)


def _completed(state: TestState, attempts: int, result: TestResult) -> ConnectionTestEvent:
    return ConnectionTestCompleted(test_id=state.test_id, attempts=attempts, result=result)


def _untested(code: UntestedCode) -> TestResult:
    steps = tuple(Step(name=name, state="skipped") for name in get_args(StepName))
    return TestResult(verdict="inconclusive", code=code, step="config", steps=steps)


def _requested(command: RequestTest) -> ConnectionTestRequested:
    setting, draft = command.setting, command.draft
    if draft is None and setting is not None and not setting.exists:
        raise SettingNotFound(setting.setting_id)
    _require_complete(command)
    return ConnectionTestRequested(
        test_id=command.test_id,
        setting_id=setting.setting_id if setting else None,
        setting_version=setting.version if setting and setting.exists else None,
        draft=_draft_values(draft, setting, command.test_id) if draft else None,
        depth=command.depth,
        mail_from=command.mail_from,
        rcpt_to=command.rcpt_to,
    )


def _require_complete(command: RequestTest) -> None:
    findings = Findings()
    if command.setting is None and command.draft is None:
        findings.refuse(("setting_id",), "required")
    for name, address in (("mail_from", command.mail_from), ("rcpt_to", command.rcpt_to)):
        text = findings.read_text((name,), address, limit=_MAX_ADDRESS)
        if text is None:
            if command.depth in _WITH_ENVELOPE:
                findings.refuse((name,), "required")
        elif not _is_address(text):
            findings.refuse((name,), "address_invalid")
    if findings.errors:
        raise InvalidTestRequest(tuple(findings.errors))


def _is_address(text: str) -> bool:
    """Tell whether a text can stand between the angle brackets of MAIL and RCPT (RFC 5321)."""
    local, at, domain = text.rpartition("@")
    plain = not any(character in text for character in "<> ")
    return bool(local and at and domain) and plain


def _draft_values(draft: SettingDraft, setting: SettingState | None, test_id: str) -> SettingValues:
    """Return the draft with the setting's secrets that it may use and those it brings itself."""
    stored = setting or SettingState(setting_id=test_id)
    require_password(draft, stored.values)
    resolved = resolve(draft, stored, frozenset())
    require_bound(resolved, stored.setting_id)
    values = with_secrets(draft, stored, resolved)
    own = {
        field: secret_ref(test_id, field, 1)
        for field in values.secrets
        if draft.secrets.get(field) is not None
    }
    return replace(values, secrets={**values.secrets, **own})

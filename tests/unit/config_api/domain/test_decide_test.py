from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestRequested,
    TestResult,
)
from events.smtp_setting import SecretRef
from services.config_api.domain.connection_test import (
    CancelTest,
    CloseUntested,
    CompleteTest,
    RequestTest,
    TestState,
    fold,
)
from services.config_api.domain.decide_test import decide
from services.config_api.domain.destination import require_binding
from services.config_api.domain.errors import (
    InvalidSetting,
    InvalidTestRequest,
    SecretRequired,
    SettingNotFound,
    TestNotFound,
)
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import AnyVersion, DeleteSetting
from services.config_api.domain.setting_fields import make_draft
from tests.support.settings import (
    TENANT,
    a_draft,
    a_draft_without_password,
    given_a_setting,
    recorded,
    replace_by,
)

TEST = "test-1"
NEW = TestState(test_id=TEST)
PASSED = TestResult(verdict="passed", code="ok", step="quit")
PROXY = "mail.smtp.proxy.password"
OWN_REF = SecretRef(id="test-1/password", version=1)
STORED_REF = SecretRef(id="acme/password", version=1)
NO_SETTING = SettingState(setting_id=TENANT)


def request(**changes: Any) -> Any:
    fields: dict[str, Any] = {"test_id": TEST, "setting": given_a_setting().state}
    return RequestTest(**fields | changes)


def state_after(*facts: Any) -> Any:
    return fold(TEST, recorded(facts))


REQUESTED = ConnectionTestRequested(
    test_id=TEST, setting_id=TENANT, setting_version=1, draft=None, depth="auth"
)
COMPLETED = ConnectionTestCompleted(test_id=TEST, attempts=2, result=PASSED)
CANCELLED = ConnectionTestCancelled(test_id=TEST)


# request


def test_a_stored_setting_is_tested_at_its_version() -> None:
    assert decide(request(depth="connect"), NEW) == [
        ConnectionTestRequested(
            test_id=TEST, setting_id=TENANT, setting_version=1, draft=None, depth="connect"
        )
    ]


def test_a_request_made_twice_is_recorded_once() -> None:
    assert decide(request(), state_after(REQUESTED)) == []


def test_a_setting_that_is_not_there_cannot_be_tested() -> None:
    with pytest.raises(SettingNotFound):
        decide(request(setting=NO_SETTING), NEW)


def test_a_request_needs_a_setting_or_a_draft() -> None:
    with pytest.raises(InvalidTestRequest) as raised:
        decide(request(setting=None), NEW)

    assert [(error.pointer, error.code) for error in raised.value.errors] == [
        ("/setting_id", "required")
    ]


@pytest.mark.parametrize("depth", ["envelope", "send"])
def test_an_envelope_needs_both_addresses(depth: Any) -> None:
    with pytest.raises(InvalidTestRequest) as raised:
        decide(request(depth=depth), NEW)

    assert {error.pointer: error.code for error in raised.value.errors} == {
        "/mail_from": "required",
        "/rcpt_to": "required",
    }


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("acme.example", "address_invalid"),
        ("@acme.example", "address_invalid"),
        ("a@", "address_invalid"),
        ("a b@acme.example", "address_invalid"),
        ("<a@acme.example>", "address_invalid"),
        ("a@acme.example\r\nDATA", "control_characters"),
        ("a" * 321 + "@acme.example", "too_long"),
    ],
)
def test_an_address_that_cannot_stand_on_the_wire_is_refused(address: str, code: str) -> None:
    with pytest.raises(InvalidTestRequest) as raised:
        decide(request(depth="send", mail_from=address, rcpt_to="b@acme.example"), NEW)

    assert [(error.pointer, error.code) for error in raised.value.errors][:1] == [
        ("/mail_from", code)
    ]


def test_addresses_are_kept() -> None:
    (fact,) = decide(request(depth="send", mail_from="a@x.example", rcpt_to="ä@y.example"), NEW)

    assert isinstance(fact, ConnectionTestRequested)
    assert (fact.mail_from, fact.rcpt_to) == ("a@x.example", "ä@y.example")


# drafts


def draft_of(command: Any) -> Any:
    (fact,) = decide(command, NEW)
    assert isinstance(fact, ConnectionTestRequested)
    return fact


def test_a_draft_alone_brings_its_own_secrets() -> None:
    fact = draft_of(request(setting=None, draft=a_draft(session_properties={PROXY: "p"})))

    assert (fact.setting_id, fact.setting_version) == (None, None)
    assert fact.draft.secrets == {
        "password": OWN_REF,
        PROXY: SecretRef(id=f"test-1/{PROXY}", version=1),
    }
    assert fact.draft.secret == "stored"


def test_a_draft_without_the_password_uses_the_stored_one() -> None:
    fact = draft_of(request(draft=a_draft_without_password(debug=True)))

    assert (fact.setting_id, fact.setting_version) == (TENANT, 1)
    assert fact.draft.secrets == {"password": STORED_REF}


def test_a_draft_may_bring_one_secret_and_use_another() -> None:
    setting = given_a_setting(session_properties={PROXY: "p"}).state
    fact = draft_of(request(setting=setting, draft=a_draft()))

    assert fact.draft.secrets == {
        "password": OWN_REF,
        PROXY: SecretRef(id=f"acme/{PROXY}", version=1),
    }


def test_a_draft_to_another_destination_cannot_use_the_stored_secret() -> None:
    with pytest.raises(SecretRequired) as raised:
        decide(request(draft=a_draft_without_password(host="evil.example")), NEW)

    assert raised.value.fields == ("/host",)


def test_a_draft_for_an_id_that_is_not_registered_is_tested() -> None:
    fact = draft_of(request(setting=NO_SETTING, draft=a_draft()))

    assert (fact.setting_id, fact.setting_version) == (TENANT, None)


def test_a_draft_that_signs_in_without_a_password_is_invalid() -> None:
    with pytest.raises(InvalidSetting):
        decide(request(setting=None, draft=a_draft_without_password()), NEW)


def test_a_draft_without_sign_in_needs_no_secret() -> None:
    fact = draft_of(request(setting=None, draft=make_draft({"host": "h"})))

    assert (fact.draft.secret, fact.draft.secrets) == ("none", {})


# the binding at a claim


def test_a_draft_keeps_the_stored_secret_while_the_setting_is_as_it_was() -> None:
    given = given_a_setting()
    draft = draft_of(request(setting=given.state, draft=a_draft_without_password())).draft
    given.when(replace_by(a_draft_without_password(debug=True)))

    require_binding(draft, given.state)


def test_a_draft_loses_the_stored_secret_when_the_destination_moves() -> None:
    given = given_a_setting()
    draft = draft_of(request(setting=given.state, draft=a_draft_without_password())).draft
    given.when(replace_by(a_draft(host="other.example"), same=frozenset({"password"})))

    with pytest.raises(SecretRequired) as raised:
        require_binding(draft, given.state)
    assert (raised.value.fields, raised.value.secrets) == (("/host",), ("/auth/password",))


def test_a_draft_loses_a_stored_secret_that_was_replaced() -> None:
    given = given_a_setting()
    draft = draft_of(request(setting=given.state, draft=a_draft_without_password())).draft
    given.when(replace_by(a_draft(auth={"password": "new"})))

    with pytest.raises(SecretRequired):
        require_binding(draft, given.state)


def test_a_draft_loses_the_stored_secret_of_a_deleted_setting() -> None:
    given = given_a_setting()
    draft = draft_of(request(setting=given.state, draft=a_draft_without_password())).draft
    given.when(DeleteSetting(setting_id=TENANT, expected=AnyVersion.ANY))

    with pytest.raises(SecretRequired):
        require_binding(draft, given.state)


def test_a_draft_with_its_own_secrets_is_bound_to_no_setting() -> None:
    draft = draft_of(request(setting=None, draft=a_draft())).draft

    require_binding(draft, NO_SETTING)


# the end


def test_a_result_is_recorded() -> None:
    command = CompleteTest(test_id=TEST, attempt=2, result=PASSED)

    assert decide(command, state_after(REQUESTED)) == [COMPLETED]


def test_a_cancellation_is_recorded() -> None:
    assert decide(CancelTest(test_id=TEST), state_after(REQUESTED)) == [CANCELLED]


@pytest.mark.parametrize("code", ["no_tester", "deadline_exceeded"])
def test_a_test_that_nobody_finished_is_closed_as_inconclusive(code: Any) -> None:
    command = CloseUntested(test_id=TEST, code=code, attempts=3)
    (fact,) = decide(command, state_after(REQUESTED))

    assert isinstance(fact, ConnectionTestCompleted)
    assert (fact.attempts, fact.result.verdict, fact.result.code) == (3, "inconclusive", code)
    assert len(fact.result.steps) == 13
    assert {step.state for step in fact.result.steps} == {"skipped"}


END = [
    CompleteTest(test_id=TEST, attempt=1, result=PASSED),
    CancelTest(test_id=TEST),
    CloseUntested(test_id=TEST, code="no_tester", attempts=0),
]


@pytest.mark.parametrize("command", END)
@pytest.mark.parametrize("end", [COMPLETED, CANCELLED])
def test_a_test_ends_once(command: Any, end: Any) -> None:
    assert decide(command, state_after(REQUESTED, end)) == []


@pytest.mark.parametrize("command", END)
def test_a_test_that_is_not_there_cannot_end(command: Any) -> None:
    with pytest.raises(TestNotFound) as raised:
        decide(command, NEW)

    assert raised.value.test_id == TEST

"""What commands on a webhook lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from events.smtp_setting import SecretRef
from events.webhook import WebhookDeleted, WebhookRegistered, WebhookUpdated, WebhookValues
from services.config_api.domain.decide_webhook import (
    DeleteWebhook,
    DisableWebhook,
    RegisterWebhook,
    ReplaceWebhook,
    WebhookCommand,
    decide,
)
from services.config_api.domain.errors import Denied, StaleVersion
from services.config_api.domain.setting_commands import AnyVersion
from services.config_api.domain.webhook import WebhookState, fold
from services.config_api.domain.webhook_errors import (
    DeliveryNotFound,
    WebhookExists,
    WebhookNotFound,
)
from tests.support.events import NOON, a_recorded_event

VALUES = WebhookValues(name="Chat", url="https://hooks.acme.example/in", types=("smtp_setting.*",))
REGISTER = RegisterWebhook(values=VALUES, as_auditor=False)
DELETE = DeleteWebhook(expected=AnyVersion.ANY)
GONE = DisableWebhook(url=VALUES.url)


def ref(version: int) -> SecretRef:
    return SecretRef(id="~webhook/chat/signing", version=version)


def replacing(values: WebhookValues = VALUES, **changes: Any) -> ReplaceWebhook:
    fields: dict[str, Any] = {
        "values": values,
        "as_auditor": False,
        "expected": AnyVersion.ANY,
        "renews": False,
    }
    return ReplaceWebhook(**(fields | changes))


def given(*commands: WebhookCommand) -> WebhookState:
    """Return the state after commands, each of which must lead to one fact."""
    facts: list[tuple[Any, object]] = []
    for command in commands:
        state = fold("chat", facts)
        (fact,) = decide(command, state, at=NOON)
        facts.append((a_recorded_event(version=state.version + 1), fact))
    return fold("chat", facts)


def test_a_webhook_is_registered_with_a_secret_of_its_own() -> None:
    (fact,) = decide(REGISTER, WebhookState(webhook_id="chat"), at=NOON)
    values = replace(VALUES, secrets={"signing": ref(1)})
    assert fact == WebhookRegistered(webhook_id="chat", values=values)
    with pytest.raises(WebhookExists):
        decide(REGISTER, given(REGISTER), at=NOON)


def test_the_same_again_is_no_change() -> None:
    assert decide(replacing(), given(REGISTER), at=NOON) == []


def test_a_new_secret_stands_beside_the_old_one_for_a_day() -> None:
    (fact,) = decide(replacing(renews=True), given(REGISTER), at=NOON)
    assert isinstance(fact, WebhookUpdated)
    assert fact.values.secrets == {"signing": ref(2), "previous": ref(1)}
    assert fact.values.previous_until == "2026-03-02T12:00:00.123456Z"
    again = given(REGISTER, replacing(renews=True), replacing(renews=True))
    assert again.secrets == {"signing": ref(3), "previous": ref(2)}


def test_no_version_of_a_secret_is_used_twice() -> None:
    assert given(REGISTER, DELETE, REGISTER).secrets == {"signing": ref(2)}


def test_a_gone_endpoint_makes_its_webhook_inactive_once() -> None:
    state = given(REGISTER, GONE)
    assert state.values is not None
    assert (state.values.active, state.values.disabled) == (False, "gone")
    assert decide(GONE, state, at=NOON) == []
    assert decide(GONE, given(REGISTER, DELETE), at=NOON) == []
    assert decide(DisableWebhook(url="https://other.example"), given(REGISTER), at=NOON) == []


def test_an_endpoint_that_is_made_active_again_was_not_gone() -> None:
    state = given(REGISTER, GONE, replacing())
    assert state.values is not None
    assert (state.values.active, state.values.disabled) == (True, None)
    named = given(REGISTER, GONE, replacing(replace(VALUES, name="Other", active=False)))
    assert named.values is not None
    assert named.values.disabled == "gone"


def test_only_auditors_ask_for_what_only_they_read() -> None:
    everything = replace(VALUES, types=("#",))
    with pytest.raises(Denied):
        decide(
            RegisterWebhook(values=everything, as_auditor=False),
            WebhookState(webhook_id="chat"),
            at=NOON,
        )
    with pytest.raises(Denied):
        decide(replacing(everything), given(REGISTER), at=NOON)
    kept = given(RegisterWebhook(values=everything, as_auditor=True))
    with pytest.raises(Denied):  # nor lead elsewhere what an auditor asked for
        decide(replacing(replace(everything, url="https://other.example")), kept, at=NOON)


def test_what_is_not_there_and_what_was_changed_meanwhile() -> None:
    for command in (DELETE, replacing()):
        with pytest.raises(WebhookNotFound):
            decide(command, given(REGISTER, DELETE), at=NOON)
    with pytest.raises(StaleVersion):
        decide(DeleteWebhook(expected=2), given(REGISTER), at=NOON)
    assert DeliveryNotFound("d-1").delivery_id == "d-1"


def test_an_unknown_fact_counts_as_a_version() -> None:
    recorded = a_recorded_event(version=1)
    assert fold("chat", [(recorded, object())]).version == 1
    assert decide(DELETE, given(REGISTER), at=NOON) == [WebhookDeleted(webhook_id="chat")]

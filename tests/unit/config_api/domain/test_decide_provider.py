"""What commands on an OAuth provider lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from events.oauth_provider import (
    OAuthProviderDeleted,
    OAuthProviderGranted,
    OAuthProviderRegistered,
    OAuthProviderUpdated,
)
from events.smtp_setting import SecretRef
from services.config_api.domain.decide_provider import (
    DeleteProvider,
    GrantProvider,
    ProviderCommand,
    RegisterProvider,
    ReplaceProvider,
    decide,
    secrets_to_seal,
)
from services.config_api.domain.errors import (
    ConsentRefused,
    Denied,
    InvalidProvider,
    NoToken,
    ProviderExists,
    ProviderInUse,
    ProviderNotFound,
    SecretRequired,
    StaleVersion,
)
from services.config_api.domain.oauth_provider import ProviderState, fold
from services.config_api.domain.provider_fields import ProviderDraft, make_provider
from services.config_api.domain.setting_commands import AnyVersion
from tests.support.events import NOON, a_recorded_event

FIELDS: dict[str, Any] = {
    "grant": "client_credentials",
    "token_url": "https://login.example/token",
    "authorize_url": "https://login.example/authorize",
    "client_id": "relaybook",
    "client_secret": "s3cret",
}


def draft(**changes: Any) -> ProviderDraft:
    return make_provider("idp", FIELDS | changes)


def without_secrets(**changes: Any) -> ProviderDraft:
    return replace(draft(**changes), secrets={})


def given(*commands: ProviderCommand) -> ProviderState:
    """Return the state after commands, each of which must lead to one fact."""
    facts: list[tuple[Any, object]] = []
    for command in commands:
        state = fold("idp", facts)
        (fact,) = decide(command, state)
        facts.append((a_recorded_event(version=state.version + 1), fact))
    return fold("idp", facts)


def registering(*, as_admin: bool = True, **changes: Any) -> RegisterProvider:
    return RegisterProvider(draft=draft(**changes), as_admin=as_admin)


def replacing(given_draft: ProviderDraft, **changes: Any) -> ReplaceProvider:
    fields: dict[str, Any] = {
        "draft": given_draft,
        "as_admin": True,
        "expected": AnyVersion.ANY,
        "keeps_hosts": False,
    }
    return ReplaceProvider(**(fields | changes))


def ref(name: str, version: int = 1) -> SecretRef:
    return SecretRef(id=f"~oauth/idp/{name}", version=version)


def test_a_registered_provider_names_its_secret() -> None:
    (fact,) = decide(registering(), ProviderState(provider_id="idp"))
    assert isinstance(fact, OAuthProviderRegistered)
    assert fact.values.secrets == {"client_secret": ref("client_secret")}
    with pytest.raises(ProviderExists):
        decide(registering(), given(registering()))


def test_a_change_keeps_what_was_not_sent_and_numbers_what_was() -> None:
    state = given(registering())
    (fact,) = decide(replacing(without_secrets(name="Ours")), state)
    assert isinstance(fact, OAuthProviderUpdated)
    assert fact.values.secrets == {"client_secret": ref("client_secret")}
    (anew,) = decide(replacing(draft()), state)
    assert isinstance(anew, OAuthProviderUpdated)
    assert anew.values.secrets == {"client_secret": ref("client_secret", 2)}
    same = replacing(draft(), same_secrets=frozenset({"client_secret"}))
    assert decide(same, state) == []


def test_a_moved_provider_needs_its_secrets_again() -> None:
    state = given(registering())
    moved = without_secrets(token_url="https://evil.example/token")
    with pytest.raises(SecretRequired) as refused:
        decide(replacing(moved), state)
    assert refused.value.fields == ("/token_url",)
    assert refused.value.secrets == ("/client_secret",)


def test_a_change_of_grant_lets_a_refresh_token_go() -> None:
    state = given(registering(grant="refresh_token", refresh_token="r"))
    fields = FIELDS | {"grant": "client_credentials"}
    (fact,) = decide(replacing(make_provider("idp", fields)), state)
    assert isinstance(fact, OAuthProviderUpdated)
    assert fact.values.secrets == {"client_secret": ref("client_secret", 2)}


def test_a_refresh_token_that_was_typed_is_bound_like_every_secret() -> None:
    state = given(registering(grant="refresh_token", refresh_token="r"))
    moved = draft(grant="refresh_token", client_id="other")
    with pytest.raises(SecretRequired) as refused:
        decide(replacing(moved), state)
    assert refused.value.secrets == ("/refresh_token",)


def test_a_consent_is_kept_until_the_destination_changes() -> None:
    state = given(registering(grant="authorization_code"), GrantProvider(version=1, scope="smtp"))
    assert state.granted_at == NOON
    assert state.values is not None
    assert state.values.secrets["refresh_token"] == ref("refresh_token")
    named = replacing(without_secrets(grant="authorization_code", name="Ours"))
    (fact,) = decide(named, state)
    kept = fold("idp", [(a_recorded_event(version=1), fact)])
    assert isinstance(fact, OAuthProviderUpdated)
    assert fact.values.secrets == state.values.secrets
    assert kept.granted_at is None  # the fact alone does not tell of a consent
    moved = draft(grant="authorization_code", client_id="other")
    (after,) = decide(replacing(moved), state)
    assert isinstance(after, OAuthProviderUpdated)
    assert after.values.secrets == {"client_secret": ref("client_secret", 2)}


def test_null_takes_a_secret_away() -> None:
    state = given(registering(private_key="pem"))
    assert state.values is not None
    assert set(state.values.secrets) == {"client_secret", "private_key"}
    (fact,) = decide(replacing(replace(draft(), secrets={"client_secret": None})), state)
    assert isinstance(fact, OAuthProviderUpdated)
    assert set(fact.values.secrets) == {"private_key"}


def test_only_new_secrets_are_sealed() -> None:
    before = given(registering())
    after = given(registering(), replacing(without_secrets(name="Ours")))
    assert before.values is not None
    assert after.values is not None
    assert secrets_to_seal(before, after.values) == {}
    nothing = ProviderState(provider_id="idp")
    assert secrets_to_seal(nothing, before.values) == {"client_secret": ref("client_secret")}


def test_a_second_consent_gets_a_number_of_its_own() -> None:
    grant = GrantProvider(version=1, scope=None)
    state = given(registering(grant="authorization_code"), grant)
    assert decide(GrantProvider(version=2, scope=None), state) == [
        OAuthProviderGranted(provider_id="idp", secret=ref("refresh_token", 2), scope=None)
    ]
    with pytest.raises(StaleVersion):
        decide(grant, state)


def test_mail_hosts_are_the_administrators() -> None:
    with pytest.raises(Denied):
        decide(
            registering(as_admin=False, mail_hosts=["a.example"]),
            ProviderState(provider_id="idp"),
        )
    state = given(registering(mail_hosts=["a.example"]))
    other = without_secrets(mail_hosts=["b.example"])
    with pytest.raises(Denied):
        decide(replacing(other, as_admin=False), state)
    (fact,) = decide(replacing(other), state)
    assert isinstance(fact, OAuthProviderUpdated)
    assert fact.values.mail_hosts == ("b.example",)
    assert decide(replacing(without_secrets(), as_admin=False, keeps_hosts=True), state) == []


@pytest.mark.parametrize(
    ("grant", "secret"),
    [
        ("client_credentials", "/client_secret"),
        ("refresh_token", "/refresh_token"),
        ("jwt_bearer", "/private_key"),
    ],
)
def test_a_grant_needs_its_secret(grant: str, secret: str) -> None:
    nothing = RegisterProvider(draft=without_secrets(grant=grant), as_admin=True)
    with pytest.raises(InvalidProvider) as refused:
        decide(nothing, ProviderState(provider_id="idp"))
    assert [one.pointer for one in refused.value.errors] == [secret]


def test_a_deleted_provider_may_come_back_and_reuses_no_number() -> None:
    state = given(registering(), DeleteProvider(expected=1))
    assert state.values is None
    (fact,) = decide(registering(), state)
    assert isinstance(fact, OAuthProviderRegistered)
    assert fact.values.secrets == {"client_secret": ref("client_secret", 2)}


def test_what_is_in_use_or_not_there_is_not_deleted() -> None:
    state = given(registering())
    with pytest.raises(ProviderInUse) as used:
        decide(DeleteProvider(expected=1, used_by=("acme",)), state)
    assert used.value.used_by == ("acme",)
    with pytest.raises(StaleVersion):
        decide(DeleteProvider(expected=7), state)
    with pytest.raises(ProviderNotFound):
        decide(DeleteProvider(expected=AnyVersion.ANY), ProviderState(provider_id="idp"))
    assert decide(DeleteProvider(expected=AnyVersion.ANY), state) == [
        OAuthProviderDeleted(provider_id="idp")
    ]


def test_an_unknown_fact_and_a_grant_of_nothing_only_count() -> None:
    granted = OAuthProviderGranted(provider_id="idp", secret=ref("refresh_token"), scope=None)
    for fact in (object(), granted):
        state = fold("idp", [(a_recorded_event(version=1), fact)])
        assert (state.version, state.values) == (1, None)


def test_why_there_is_no_token_or_no_consent_is_carried_along() -> None:
    no_token = NoToken("token_grant_expired", {"error": "invalid_grant"})
    assert (no_token.code, no_token.facts) == ("token_grant_expired", {"error": "invalid_grant"})
    refused = ConsentRefused("denied", error="access_denied")
    assert (refused.reason, refused.facts) == ("denied", {"error": "access_denied"})

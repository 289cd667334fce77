"""Which facts a command on an OAuth provider leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from events.oauth_provider import (
    CLIENT_SECRET,
    PRIVATE_KEY,
    REFRESH_TOKEN,
    Grant,
    OAuthProviderDeleted,
    OAuthProviderEvent,
    OAuthProviderGranted,
    OAuthProviderRegistered,
    OAuthProviderUpdated,
    ProviderValues,
)
from events.smtp_setting import SecretRef
from services.config_api.domain.errors import (
    Denied,
    InvalidProvider,
    ProviderExists,
    ProviderInUse,
    ProviderNotFound,
    SecretRequired,
    StaleVersion,
)
from services.config_api.domain.field_errors import FieldError, pointer_to
from services.config_api.domain.oauth_provider import ProviderState, next_ref
from services.config_api.domain.provider_fields import ProviderDraft
from services.config_api.domain.setting_commands import AnyVersion

#: Fields that decide where a provider's secrets go, and as whose.
BOUND: Final = ("grant", "token_url", "client_id", "key_id", "subject", "audience")
#: A grant that asks for a person's consent gets its refresh token from it, otherwise by hand.
_WITH_REFRESH_TOKEN: Final[frozenset[Grant]] = frozenset({"refresh_token", "authorization_code"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterProvider:
    """Register a provider; `as_admin` may choose `mail_hosts`."""

    draft: ProviderDraft
    as_admin: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaceProvider:
    """Replace a provider; `same_secrets` are the fields whose given secret is the stored one.

    `keeps_hosts` tells that `mail_hosts` was not sent: those that are there stay.
    """

    draft: ProviderDraft
    as_admin: bool
    expected: int | AnyVersion
    keeps_hosts: bool
    same_secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteProvider:
    """Delete a provider; `used_by` are settings that name it."""

    expected: int | AnyVersion
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantProvider:
    """Keep the consent to the provider as it was at `version`."""

    version: int
    scope: str | None


ProviderCommand = RegisterProvider | ReplaceProvider | DeleteProvider | GrantProvider


def decide(command: ProviderCommand, state: ProviderState) -> list[OAuthProviderEvent]:
    """Return the facts, none where nothing changes.

    Raises ProviderNotFound, ProviderExists, ProviderInUse, StaleVersion, SecretRequired,
    InvalidProvider, Denied.
    """
    match command:
        case RegisterProvider():
            return _register(command, state)
        case ReplaceProvider():
            return _replace(command, state)
        case DeleteProvider():
            return _delete(command, state)
        case GrantProvider():
            return _grant(command, state)
        case _:
            assert_never(command)


def require_provider(state: ProviderState, expected: int | AnyVersion) -> ProviderValues:
    """Return the values of a provider that is there; raises ProviderNotFound, StaleVersion."""
    if state.values is None:
        raise ProviderNotFound(state.provider_id)
    if isinstance(expected, int) and expected != state.version:
        raise StaleVersion(state.provider_id, expected, state.version)
    return state.values


def secrets_to_seal(before: ProviderState, after: ProviderValues) -> Mapping[str, SecretRef]:
    """Return, by field, the secrets of `after` that are new."""
    known = before.secret_versions
    return {name: ref for name, ref in after.secrets.items() if ref.version > known.get(name, 0)}


def _register(command: RegisterProvider, state: ProviderState) -> list[OAuthProviderEvent]:
    if state.values is not None:
        raise ProviderExists(state.provider_id)
    if command.draft.hosts_chosen and not command.as_admin:
        raise Denied("mail_hosts_admin")
    values = _with_secrets(command.draft, state, frozenset())
    return [OAuthProviderRegistered(provider_id=state.provider_id, values=values)]


def _replace(command: ReplaceProvider, state: ProviderState) -> list[OAuthProviderEvent]:
    before = require_provider(state, command.expected)
    draft = command.draft
    if command.keeps_hosts:
        draft = replace(draft, values=replace(draft.values, mail_hosts=before.mail_hosts))
    if draft.values.mail_hosts != before.mail_hosts and not command.as_admin:
        raise Denied("mail_hosts_admin")
    _require_bound(draft, before, state.provider_id)
    after = _with_secrets(draft, state, command.same_secrets)
    if after == before:
        return []
    return [OAuthProviderUpdated(provider_id=state.provider_id, values=after)]


def _delete(command: DeleteProvider, state: ProviderState) -> list[OAuthProviderEvent]:
    require_provider(state, command.expected)
    if command.used_by:
        raise ProviderInUse(state.provider_id, command.used_by)
    return [OAuthProviderDeleted(provider_id=state.provider_id)]


def _grant(command: GrantProvider, state: ProviderState) -> list[OAuthProviderEvent]:
    require_provider(state, command.version)
    fact = OAuthProviderGranted(
        provider_id=state.provider_id, secret=next_ref(state, REFRESH_TOKEN), scope=command.scope
    )
    return [fact]


def moved(before: ProviderValues, after: ProviderValues) -> tuple[str, ...]:
    """Return the JSON pointers of the changed fields that decide where the secrets go."""
    return tuple(
        pointer_to(name) for name in BOUND if getattr(before, name) != getattr(after, name)
    )


def _require_bound(draft: ProviderDraft, before: ProviderValues, provider_id: str) -> None:
    """Raise SecretRequired where a stored secret would be sent elsewhere than it was meant for."""
    changed = moved(before, draft.values)
    unbound = [
        name
        for name in before.secrets
        if changed and name not in draft.secrets and _applies(name, before, draft.values)
    ]
    if unbound:
        raise SecretRequired(provider_id, changed, tuple(pointer_to(name) for name in unbound))


def _applies(name: str, before: ProviderValues, after: ProviderValues) -> bool:
    """Tell whether a stored secret would be used further; what a consent gave goes by itself."""
    if name != REFRESH_TOKEN:
        return True
    return after.grant in _WITH_REFRESH_TOKEN and before.grant != "authorization_code"


def _with_secrets(
    draft: ProviderDraft, state: ProviderState, same: frozenset[str]
) -> ProviderValues:
    before = state.values
    stays = before is not None and not moved(before, draft.values)
    secrets: dict[str, SecretRef] = {}
    for name in (CLIENT_SECRET, REFRESH_TOKEN, PRIVATE_KEY):
        if name == REFRESH_TOKEN and draft.values.grant not in _WITH_REFRESH_TOKEN:
            continue
        stored = before.secrets.get(name) if before else None
        if name not in draft.secrets:
            if stored is not None and stays:
                secrets[name] = stored
        elif draft.secrets[name] is not None:
            kept = stored is not None and name in same
            secrets[name] = stored if kept and stored is not None else next_ref(state, name)
    _require_enough(draft.values.grant, secrets)
    return replace(draft.values, secrets=secrets)


def _require_enough(grant: Grant, secrets: Mapping[str, SecretRef]) -> None:
    """Raise InvalidProvider where a grant lacks the secret that it cannot do without."""
    missing = None
    if grant == "jwt_bearer" and PRIVATE_KEY not in secrets:
        missing = PRIVATE_KEY
    elif grant == "refresh_token" and REFRESH_TOKEN not in secrets:
        missing = REFRESH_TOKEN
    elif grant == "client_credentials" and not {CLIENT_SECRET, PRIVATE_KEY} & secrets.keys():
        missing = CLIENT_SECRET
    if missing is not None:
        facts = {"grant": grant}
        error = FieldError(pointer=pointer_to(missing), code="secret_of_grant", facts=facts)
        raise InvalidProvider((error,))

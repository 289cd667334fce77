"""Which wire name and schema version belongs to which class of fact."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from events.access import (
    AccessDenied,
    AccessEvent,
    CredentialsRead,
    SignedIn,
    SignInFailed,
    TokenCreated,
    TokenRevoked,
    UserCreated,
    UserRevoked,
)
from events.codec import fact_json, from_data, from_json
from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestEvent,
    ConnectionTestRequested,
)
from events.detection import DetectionCompleted, DetectionEvent, DetectionRequested
from events.envelope import NewEvent, RecordedEvent, Told
from events.keys import KeyEvent, KeyRotated, KeyShredded, SigningKeyRotated
from events.oauth_provider import (
    OAuthProviderDeleted,
    OAuthProviderEvent,
    OAuthProviderGranted,
    OAuthProviderRegistered,
    OAuthProviderUpdated,
)
from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SettingDeleted,
    SettingEvent,
    SettingImported,
    SettingRegistered,
    SettingRestored,
    SettingUpdated,
)
from events.transfer import ExportMade, ImportCompleted, TransferEvent
from events.upcasting import upcast
from events.webhook import WebhookDeleted, WebhookEvent, WebhookRegistered, WebhookUpdated


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownEvent:
    """A fact of a type or schema version that this version of the program does not know.

    Readers pass over it; its stored bytes stay as they are.
    """

    type: str
    schema_version: int
    data: dict[str, Any]


Fact = (
    SettingEvent
    | ConnectionTestEvent
    | DetectionEvent
    | OAuthProviderEvent
    | WebhookEvent
    | AccessEvent
    | TransferEvent
    | KeyEvent
)

CATALOGUE: dict[str, type[Fact]] = {
    shape.TYPE: shape
    for shape in (
        SettingRegistered,
        SettingUpdated,
        SettingImported,
        SettingDeleted,
        SettingRestored,
        DefaultProvisioned,
        DefaultWithdrawn,
        ConnectionTestRequested,
        ConnectionTestCompleted,
        ConnectionTestCancelled,
        DetectionRequested,
        DetectionCompleted,
        OAuthProviderRegistered,
        OAuthProviderUpdated,
        OAuthProviderDeleted,
        OAuthProviderGranted,
        WebhookRegistered,
        WebhookUpdated,
        WebhookDeleted,
        TokenCreated,
        TokenRevoked,
        UserCreated,
        UserRevoked,
        SignedIn,
        SignInFailed,
        AccessDenied,
        CredentialsRead,
        ImportCompleted,
        ExportMade,
        KeyRotated,
        KeyShredded,
        SigningKeyRotated,
    )
}


def encode(fact: Fact, *, tenant: str | None) -> NewEvent:
    """Return a fact ready to be appended; `tenant` is whom it is about, None the deployment."""
    return NewEvent(
        type=fact.TYPE,
        schema_version=fact.SCHEMA_VERSION,
        tenant=tenant,
        data=fact_json(fact),
    )


def decode(event: RecordedEvent | Told | NewEvent) -> Fact | UnknownEvent:
    """Return the fact in an event, in its newest shape.

    Raises MalformedData where known data does not fit, MissingUpcaster for a gap in the chain.
    """
    shape = CATALOGUE.get(event.type)
    if shape is not None and event.schema_version == shape.SCHEMA_VERSION:
        return from_json(shape, event.data)
    data: dict[str, Any] = json.loads(event.data)
    if shape is None or event.schema_version > shape.SCHEMA_VERSION:
        return UnknownEvent(type=event.type, schema_version=event.schema_version, data=data)
    newest = upcast(event.type, event.schema_version, data, to=shape.SCHEMA_VERSION)
    return from_data(shape, newest)

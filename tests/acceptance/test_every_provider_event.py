"""Each event of an OAuth provider, from the command to what readers and receivers see."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from events.oauth_provider import (
    OAuthProviderDeleted,
    OAuthProviderGranted,
    OAuthProviderRegistered,
    OAuthProviderUpdated,
)
from events.smtp_setting import SecretRef
from services.config_api.domain.provider_fields import make_provider
from services.config_api.domain.secret import Secret

if TYPE_CHECKING:
    from tests.acceptance.journey import Scene

DRAFT = make_provider(
    "idp",
    {
        "grant": "authorization_code",
        "token_url": "https://login.example/token",
        "authorize_url": "https://login.example/authorize",
        "client_id": "relaybook",
        "client_secret": "s3cret-one",
    },
)


def test_a_provider_from_its_registration_to_its_end(scene: Scene) -> None:
    oauth = scene.house.relaybook.oauth
    vault = scene.house.relaybook.vault
    answer = oauth.providers.register("idp", DRAFT, scene.house.ctx(), as_admin=True)
    registered = scene.followed("oauth_provider.registered")
    assert isinstance(registered, OAuthProviderRegistered)
    secret = registered.values.secrets["client_secret"]
    assert vault.open(None, secret).reveal() == "s3cret-one"
    stored = oauth.stored.by_id("idp")
    assert stored is not None
    assert json.loads(stored.document) == answer.document

    named = replace(DRAFT, values=replace(DRAFT.values, name="Ours"), secrets={})
    ctx = scene.house.ctx()
    oauth.providers.replace("idp", named, None, ctx, as_admin=False, keeps_hosts=True)
    updated = scene.followed("oauth_provider.updated")
    assert isinstance(updated, OAuthProviderUpdated)
    assert (updated.values.name, updated.values.secrets) == ("Ours", registered.values.secrets)

    oauth.providers.grant("idp", 2, Secret("refresh-one"), "smtp", scene.house.ctx())
    granted = scene.followed("oauth_provider.granted")
    ref = SecretRef(id="~oauth/idp/refresh_token", version=1)
    assert granted == OAuthProviderGranted(provider_id="idp", secret=ref, scope="smtp")
    assert vault.open(None, ref).reveal() == "refresh-one"

    oauth.providers.delete("idp", 3, scene.house.ctx())
    assert scene.followed("oauth_provider.deleted") == OAuthProviderDeleted(provider_id="idp")
    assert oauth.stored.by_id("idp") is None
    assert not vault.held(None, ref)

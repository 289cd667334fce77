"""Builds sign-in by an OpenID provider."""

from __future__ import annotations

from typing import Final

import httpx

from services.config_api.application.openid_sign_in import OpenIdSignIn
from services.config_api.application.sign_in import SignIn
from services.config_api.openid.provider import Provider
from services.config_api.settings import Settings

#: Where the provider sends people back to; it must know the whole URL.
CALLBACK_PATH: Final = "/sign-in/openid/callback"


def build_openid(settings: Settings, sign_in: SignIn, client: httpx.Client) -> OpenIdSignIn | None:
    """Return it, None where no provider is configured; `client` is a guarded one."""
    if settings.openid is None:
        return None
    provider = Provider(
        settings=settings.openid,
        client=client,
        redirect_uri=settings.base_url + CALLBACK_PATH,
    )
    return OpenIdSignIn(provider=provider, sign_in=sign_in)

"""Builds what deals with OAuth providers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import httpx

from events.reach import WEB_PORTS, ReachPolicy
from events.store.sql.opening import OpenedStore
from services.config_api.application.context import Clock
from services.config_api.application.oauth_consents import OAuthConsents
from services.config_api.application.oauth_providers import OAuthProviders
from services.config_api.application.oauth_token_rows import TokenRows
from services.config_api.application.oauth_tokens import OAuthTokens
from services.config_api.outbound.addresses import Judge
from services.config_api.outbound.transport import GuardedTransport, Trust, guarded_client
from services.config_api.read_model.providers import StoredProviders
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings
from services.config_api.vault.vault import Vault

CALLBACK = "/oauth/callback"


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuth:
    """Providers, what is known of them, their tokens and consents; `client` is the guarded one."""

    providers: OAuthProviders
    stored: StoredProviders
    tokens: OAuthTokens
    consents: OAuthConsents
    client: httpx.Client


def build_oauth(settings: Settings, clock: Clock, opened: OpenedStore, vault: Vault) -> OAuth:
    """Return it all, connected to nothing yet."""
    policy = ReachPolicy.parse(settings.probe_allow, settings.probe_deny, open_ports=WEB_PORTS)
    client = guarded_client(GuardedTransport(Judge(policy=policy), Trust(settings.ca_file)))
    writing = partial(write_rows, opened.engine)
    stored = StoredProviders(engine=opened.read_engine)
    providers = OAuthProviders(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        write_rows=writing,
        used_by=stored.used_by,
    )
    tokens = OAuthTokens(
        providers=providers,
        secrets=vault,
        rows=TokenRows(engine=opened.engine, read_engine=opened.read_engine),
        write_rows=writing,
        client=client,
        clock=clock,
    )
    consents = OAuthConsents(
        providers=providers,
        tokens=tokens,
        secrets=vault,
        engine=opened.engine,
        write_rows=writing,
        client=client,
        redirect_uri=settings.base_url + CALLBACK,
    )
    return OAuth(
        providers=providers, stored=stored, tokens=tokens, consents=consents, client=client
    )

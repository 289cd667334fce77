"""Builds what deals with webhooks."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

import httpx

from events.reach import WEB_PORTS, ReachPolicy
from events.store.sql.opening import OpenedStore
from services.config_api.application.alerts import Alerts
from services.config_api.application.context import Clock
from services.config_api.application.redelivery import Redelivery
from services.config_api.application.relay.webhooks import Telling
from services.config_api.application.webhook_deliveries import Deliveries
from services.config_api.application.webhook_dispatch import Dispatch
from services.config_api.application.webhook_fanout import Fanout
from services.config_api.application.webhook_messages import WebhookMessages
from services.config_api.application.webhook_sending import LIMIT_S, Sending
from services.config_api.application.webhooks import Webhooks
from services.config_api.outbound.addresses import Judge
from services.config_api.outbound.transport import GuardedTransport, Trust, guarded_client
from services.config_api.read_model.tokens import Tokens
from services.config_api.read_model.webhooks import StoredWebhooks
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings
from services.config_api.vault.vault import Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookParts:
    """Webhooks, what is known of them and of their deliveries, and the relay's duty."""

    commands: Webhooks
    stored: StoredWebhooks
    deliveries: Deliveries
    messages: WebhookMessages
    redelivery: Redelivery
    client: httpx.Client
    telling: Telling


def build_webhooks(
    settings: Settings, clock: Clock, opened: OpenedStore, vault: Vault
) -> WebhookParts:
    """Return it all, connected to nothing yet."""
    writing = partial(write_rows, opened.engine)
    engines = {"engine": opened.engine, "read_engine": opened.read_engine}
    commands = Webhooks(store=opened.store, secrets=vault, wakeup=opened.wakeup, write_rows=writing)
    stored = StoredWebhooks(engine=opened.read_engine)
    deliveries = Deliveries(**engines)
    messages = WebhookMessages(store=opened.store, **engines)
    client = _client(settings)
    dispatch = Dispatch(
        webhooks=commands,
        deliveries=deliveries,
        messages=messages,
        sending=Sending(secrets=vault, client=client, clock=clock, chance=random.random),
        write_rows=writing,
    )
    return WebhookParts(
        commands=commands,
        stored=stored,
        deliveries=deliveries,
        messages=messages,
        redelivery=Redelivery(deliveries=deliveries, write_rows=writing),
        client=client,
        telling=Telling(
            store=opened.store,
            cursors=opened.cursors,
            fanout=Fanout(
                stored=stored,
                messages=messages,
                alerts=_alerts(opened),
                write_rows=writing,
                clock=clock,
            ),
            dispatch=dispatch,
            clock=clock,
        ),
    )


def _client(settings: Settings) -> httpx.Client:
    policy = ReachPolicy.parse(settings.probe_allow, settings.probe_deny, open_ports=WEB_PORTS)
    trust = Trust(settings.ca_file)
    return guarded_client(GuardedTransport(Judge(policy=policy), trust, limit_s=LIMIT_S))


def _alerts(opened: OpenedStore) -> Alerts:
    tokens = Tokens(engine=opened.read_engine)
    return Alerts(store=opened.store, read_engine=opened.read_engine, tokens=tokens)

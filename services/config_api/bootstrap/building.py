"""Builds the whole service once from its settings; nothing connects before it is used."""

from __future__ import annotations

import os
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from events.bus.embedded.bus import embedded_url
from events.bus.open import open_bus
from events.bus.port import Bus
from events.store.notices import Notices
from events.store.port import Cursors, Duties, EventStore, Wakeup
from events.store.sql.opening import OpenedStore, open_store
from events.store.sql.sight import Sight
from services.config_api.application.access import Access
from services.config_api.application.asking_rate import AskingRate
from services.config_api.application.attempts import Attempts
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.context import Clock
from services.config_api.application.credentials import Credentials
from services.config_api.application.defaults import Defaults, DefaultsSource, Drafts
from services.config_api.application.defaults_file import read_defaults
from services.config_api.application.denials import Denials
from services.config_api.application.detections import Detections
from services.config_api.application.exports import Exports
from services.config_api.application.handing_over import HandingOver
from services.config_api.application.history import History
from services.config_api.application.idempotency import KeptAnswers
from services.config_api.application.imports import Imports
from services.config_api.application.keys import Keys
from services.config_api.application.live import LiveTests
from services.config_api.application.openid_sign_in import OpenIdSignIn
from services.config_api.application.relay.run import Relay
from services.config_api.application.sign_in import SignIn
from services.config_api.application.smtp_settings import SmtpSettings
from services.config_api.application.users import Users
from services.config_api.bootstrap.access import build_denials, build_sign_in, build_users
from services.config_api.bootstrap.detections import build_detections
from services.config_api.bootstrap.duties import Parts, build_relay
from services.config_api.bootstrap.master_keys import key_ring
from services.config_api.bootstrap.oauth import OAuth, build_oauth
from services.config_api.bootstrap.openid import build_openid
from services.config_api.bootstrap.sealed_log import LogParts, build_log
from services.config_api.bootstrap.webhooks import WebhookParts, build_webhooks
from services.config_api.formats.registry import format_of_suffix
from services.config_api.read_model.defaults import default_ids
from services.config_api.read_model.queries import ReadModel
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings
from services.config_api.vault.vault import Vault


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Relaybook:
    """Everything a process of this service works with; `engine` writes, `read_engine` reads."""

    settings: Settings
    clock: Clock
    store: EventStore
    cursors: Cursors
    duties: Duties
    wakeup: Wakeup
    notices: Notices
    sight: Sight
    engine: Engine
    read_engine: Engine
    bus: Bus
    vault: Vault
    keys: Keys
    read_model: ReadModel
    smtp_settings: SmtpSettings
    defaults: Defaults
    connection_tests: ConnectionTests
    detections: Detections
    imports: Imports
    exports: Exports
    credentials: Credentials
    oauth: OAuth
    webhooks: WebhookParts
    history: History
    access: Access
    users: Users
    sign_in: SignIn
    openid: OpenIdSignIn | None
    denials: Denials
    answers: KeptAnswers
    live: LiveTests
    log: LogParts
    relay: Relay

    def close(self) -> None:
        """End its threads and connections."""
        self.live.close()
        self.oauth.client.close()
        self.webhooks.client.close()
        self.wakeup.close()
        self.sight.close()
        self.notices.close()
        self.engine.dispose()
        self.read_engine.dispose()


def build(settings: Settings, *, clock: Clock = utc_now) -> Relaybook:
    """Return the service, connected to nothing yet.

    Raises MalformedMasterKey; OSError where the master key's file cannot be read.
    """
    opened = open_store(
        settings.database_url,
        board=_board_folder(settings),
    )
    vault = Vault(
        key_ring(settings), engine=opened.engine, read_engine=opened.read_engine, clock=clock
    )
    log = build_log(settings, clock, opened, vault)
    return _assembled(settings, vault, _parts(settings, clock, opened, vault, log), log)


def _board_folder(settings: Settings) -> Path | None:
    """Return where processes of this host meet; None where this one may keep no files."""
    return settings.board_path if os.access(settings.data_dir, os.W_OK) else None


def _parts(
    settings: Settings, clock: Clock, opened: OpenedStore, vault: Vault, log: LogParts
) -> Parts:
    oauth = build_oauth(settings, clock, opened, vault)
    return Parts(
        opened=opened,
        bus=open_bus(settings.broker_url or embedded_url(settings.bus_path)),
        clock=clock,
        tests=_connection_tests(settings, opened, vault, oauth),
        detections=build_detections(settings, opened),
        defaults=_defaults(settings, opened, vault, oauth),
        answers=_answers(opened, vault),
        sign_in=build_sign_in(settings, clock, opened),
        denials=build_denials(opened),
        oauth=oauth,
        webhooks=build_webhooks(settings, clock, opened, vault),
        retest_every=settings.retest_every,
        sealer=log.sealer,
    )


def _assembled(settings: Settings, vault: Vault, parts: Parts, log: LogParts) -> Relaybook:
    opened, oauth, sign_in = parts.opened, parts.oauth, parts.sign_in
    return Relaybook(
        settings=settings,
        clock=parts.clock,
        store=opened.store,
        cursors=opened.cursors,
        duties=opened.duties,
        wakeup=opened.wakeup,
        notices=opened.notices,
        sight=opened.sight,
        engine=opened.engine,
        read_engine=opened.read_engine,
        bus=parts.bus,
        vault=vault,
        keys=_keys(opened, vault),
        read_model=ReadModel(engine=opened.read_engine),
        smtp_settings=_smtp_settings(opened, vault, parts.defaults, oauth),
        defaults=parts.defaults,
        connection_tests=parts.tests,
        detections=parts.detections,
        exports=Exports(store=opened.store, secrets=vault, wakeup=opened.wakeup),
        credentials=_credentials(opened, vault, oauth),
        oauth=oauth,
        webhooks=parts.webhooks,
        imports=_imports(opened, vault, oauth),
        history=History(store=opened.store),
        access=sign_in.access,
        users=build_users(opened, sign_in.passwords),
        sign_in=sign_in,
        openid=build_openid(settings, sign_in, oauth.client),
        denials=parts.denials,
        answers=parts.answers,
        live=LiveTests(parts.bus, partial(_has_ended, ReadModel(engine=opened.read_engine))),
        log=log,
        relay=build_relay(parts),
    )


def _credentials(opened: OpenedStore, vault: Vault, oauth: OAuth) -> Credentials:
    return Credentials(store=opened.store, secrets=vault, tokens=oauth.tokens, wakeup=opened.wakeup)


def _imports(opened: OpenedStore, vault: Vault, oauth: OAuth) -> Imports:
    return Imports(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        known_providers=oauth.stored.known,
    )


def _keys(opened: OpenedStore, vault: Vault) -> Keys:
    return Keys(store=opened.store, wakeup=opened.wakeup, duties=opened.duties, vault=vault)


def _smtp_settings(
    opened: OpenedStore, vault: Vault, defaults: Defaults, oauth: OAuth
) -> SmtpSettings:
    return SmtpSettings(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        write_rows=partial(write_rows, opened.engine),
        default_of=defaults.of,
        known_providers=oauth.stored.known,
    )


def _defaults(settings: Settings, opened: OpenedStore, vault: Vault, oauth: OAuth) -> Defaults:
    return Defaults(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        clock=oauth.tokens.clock,
        known=partial(default_ids, opened.read_engine),
        source=DefaultsSource(
            partial(read_defaults_file, settings.defaults_file, oauth.stored.known())
        ),
    )


def read_defaults_file(path: Path | None, known_providers: Container[str] = ()) -> Drafts:
    """Return the drafts of the defaults file, none where there is no file.

    Raises InvalidDefaults. Only its warnings depend on the providers.
    """
    file_format = None if path is None else format_of_suffix(path)
    if path is None or file_format is None:
        return {}
    return read_defaults(path, file_format, known_providers=known_providers)


def _connection_tests(
    settings: Settings, opened: OpenedStore, vault: Vault, oauth: OAuth
) -> ConnectionTests:
    deadline = timedelta(milliseconds=settings.probe_deadline_ms)
    return ConnectionTests(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        attempts=Attempts(engine=opened.engine, read_engine=opened.read_engine),
        handing_over=HandingOver(
            store=opened.store, secrets=vault, tokens=oauth.tokens, deadline=deadline
        ),
        write_rows=partial(write_rows, opened.engine),
        rate=AskingRate(engine=opened.engine, rate=settings.test_rate),
    )


def _answers(opened: OpenedStore, vault: Vault) -> KeptAnswers:
    return KeptAnswers(
        engine=opened.read_engine, secrets=vault, write_rows=partial(write_rows, opened.engine)
    )


def _has_ended(read_model: ReadModel, test_id: str) -> bool:
    """Tell whether a test has ended, or is not there to wait for."""
    test = read_model.test(test_id)
    return test is None or test.document["finished_at"] is not None

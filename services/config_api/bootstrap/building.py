"""Builds the whole service once from its settings; nothing connects before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from events.bus.embedded.bus import embedded_url
from events.bus.open import open_bus
from events.bus.port import Bus
from events.store.port import Cursors, Duties, EventStore, Wakeup
from events.store.sql.opening import OpenedStore, open_store
from services.config_api.application.access import Access
from services.config_api.application.attempts import Attempts
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.context import Clock
from services.config_api.application.credentials import Credentials
from services.config_api.application.defaults import Defaults, DefaultsSource, Drafts
from services.config_api.application.defaults_file import read_defaults
from services.config_api.application.denials import Denials
from services.config_api.application.exports import Exports
from services.config_api.application.handing_over import HandingOver
from services.config_api.application.history import History
from services.config_api.application.idempotency import KeptAnswers
from services.config_api.application.imports import Imports
from services.config_api.application.keys import Keys
from services.config_api.application.live import LiveTests
from services.config_api.application.passwords import Passwords
from services.config_api.application.relay.defaults import KeepingDefaults
from services.config_api.application.relay.housekeeping import Housekeeping
from services.config_api.application.relay.overdue import Overdue
from services.config_api.application.relay.publishing import Publishing
from services.config_api.application.relay.results import Results
from services.config_api.application.relay.run import Relay
from services.config_api.application.sessions import Sessions
from services.config_api.application.sign_in import SignIn
from services.config_api.application.sign_in_tries import SignInTries
from services.config_api.application.smtp_settings import SmtpSettings
from services.config_api.application.users import Users
from services.config_api.formats.registry import format_of_suffix
from services.config_api.read_model.defaults import default_ids
from services.config_api.read_model.queries import ReadModel
from services.config_api.read_model.tokens import Tokens
from services.config_api.read_model.users import StoredUsers
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings
from services.config_api.vault.key_ring import KeyRing
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
    engine: Engine
    read_engine: Engine
    bus: Bus
    vault: Vault
    keys: Keys
    read_model: ReadModel
    smtp_settings: SmtpSettings
    defaults: Defaults
    connection_tests: ConnectionTests
    imports: Imports
    exports: Exports
    credentials: Credentials
    history: History
    access: Access
    users: Users
    sign_in: SignIn
    denials: Denials
    answers: KeptAnswers
    live: LiveTests
    relay: Relay

    def close(self) -> None:
        """End its threads and connections."""
        self.live.close()
        self.wakeup.close()
        self.engine.dispose()
        self.read_engine.dispose()


def build(settings: Settings, *, clock: Clock = utc_now) -> Relaybook:
    """Return the service, connected to nothing yet.

    Raises MalformedMasterKey; OSError where the master key's file cannot be read.
    """
    opened = open_store(settings.database_url, None if settings.broker_url else settings.bus_path)
    vault = Vault(
        key_ring(settings), engine=opened.engine, read_engine=opened.read_engine, clock=clock
    )
    return _assembled(settings, clock, opened, vault)


def _assembled(settings: Settings, clock: Clock, opened: OpenedStore, vault: Vault) -> Relaybook:
    bus = open_bus(settings.broker_url or embedded_url(settings.bus_path))
    read_model = ReadModel(engine=opened.read_engine)
    tests = _connection_tests(settings, opened, vault)
    access = _access(opened, clock)
    users = _users(opened)
    sign_in = _sign_in(opened, access, users.passwords)
    denials = _denials(opened)
    answers = _answers(opened, vault)
    defaults = _defaults(settings, opened, vault, clock)
    keeping = _housekeeping(answers, sign_in, denials, clock)
    return Relaybook(
        settings=settings,
        clock=clock,
        store=opened.store,
        cursors=opened.cursors,
        duties=opened.duties,
        wakeup=opened.wakeup,
        engine=opened.engine,
        read_engine=opened.read_engine,
        bus=bus,
        vault=vault,
        keys=_keys(opened, vault),
        read_model=read_model,
        smtp_settings=_smtp_settings(opened, vault, defaults),
        defaults=defaults,
        connection_tests=tests,
        exports=Exports(store=opened.store, secrets=vault, wakeup=opened.wakeup),
        credentials=Credentials(store=opened.store, secrets=vault, wakeup=opened.wakeup),
        imports=Imports(store=opened.store, secrets=vault, wakeup=opened.wakeup),
        history=History(store=opened.store),
        access=access,
        users=users,
        sign_in=sign_in,
        denials=denials,
        answers=answers,
        live=LiveTests(bus, partial(_has_ended, read_model)),
        relay=_relay(opened, bus, tests, keeping, defaults),
    )


def key_ring(settings: Settings) -> KeyRing:
    """Return the configured master keys; raises MalformedMasterKey, OSError."""
    if settings.master_key_file is not None:
        return KeyRing.from_file(settings.master_key_file)
    return KeyRing.from_text("" if settings.master_key is None else settings.master_key.reveal())


def _keys(opened: OpenedStore, vault: Vault) -> Keys:
    return Keys(
        store=opened.store,
        wakeup=opened.wakeup,
        ring=vault.ring,
        marks=vault.marks,
        tenant_keys=vault.keys,
        duties=opened.duties,
    )


def _smtp_settings(opened: OpenedStore, vault: Vault, defaults: Defaults) -> SmtpSettings:
    return SmtpSettings(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        write_rows=partial(write_rows, opened.engine),
        default_of=defaults.of,
    )


def _defaults(settings: Settings, opened: OpenedStore, vault: Vault, clock: Clock) -> Defaults:
    return Defaults(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        clock=clock,
        known=partial(default_ids, opened.read_engine),
        source=DefaultsSource(partial(_read_defaults, settings.defaults_file)),
    )


def _read_defaults(path: Path | None) -> Drafts:
    """Return the drafts of the defaults file, none where there is no file."""
    file_format = None if path is None else format_of_suffix(path)
    return {} if path is None or file_format is None else read_defaults(path, file_format)


def _connection_tests(settings: Settings, opened: OpenedStore, vault: Vault) -> ConnectionTests:
    deadline = timedelta(milliseconds=settings.probe_deadline_ms)
    return ConnectionTests(
        store=opened.store,
        secrets=vault,
        wakeup=opened.wakeup,
        attempts=Attempts(engine=opened.engine, read_engine=opened.read_engine),
        handing_over=HandingOver(store=opened.store, secrets=vault, deadline=deadline),
        write_rows=partial(write_rows, opened.engine),
    )


def _answers(opened: OpenedStore, vault: Vault) -> KeptAnswers:
    return KeptAnswers(
        engine=opened.read_engine, secrets=vault, write_rows=partial(write_rows, opened.engine)
    )


def _access(opened: OpenedStore, clock: Clock) -> Access:
    return Access(
        store=opened.store,
        tokens=Tokens(engine=opened.read_engine),
        users=StoredUsers(engine=opened.read_engine),
        sessions=Sessions(engine=opened.engine, read_engine=opened.read_engine),
        wakeup=opened.wakeup,
        clock=clock,
        write_rows=partial(write_rows, opened.engine),
    )


def _users(opened: OpenedStore) -> Users:
    return Users(
        store=opened.store,
        passwords=Passwords(engine=opened.read_engine),
        wakeup=opened.wakeup,
        write_rows=partial(write_rows, opened.engine),
    )


def _sign_in(opened: OpenedStore, access: Access, passwords: Passwords) -> SignIn:
    return SignIn(
        store=opened.store,
        wakeup=opened.wakeup,
        access=access,
        passwords=passwords,
        tries=SignInTries(engine=opened.engine),
    )


def _denials(opened: OpenedStore) -> Denials:
    return Denials(
        store=opened.store,
        wakeup=opened.wakeup,
        engine=opened.engine,
        read_engine=opened.read_engine,
    )


def _housekeeping(
    answers: KeptAnswers, sign_in: SignIn, denials: Denials, clock: Clock
) -> Housekeeping:
    return Housekeeping(
        answers=answers,
        sessions=sign_in.access.sessions,
        tries=sign_in.tries,
        denials=denials,
        clock=clock,
    )


def _relay(
    opened: OpenedStore,
    bus: Bus,
    tests: ConnectionTests,
    keeping: Housekeeping,
    defaults: Defaults,
) -> Relay:
    clock = keeping.clock
    publishing = Publishing(
        store=opened.store,
        cursors=opened.cursors,
        wakeup=opened.wakeup,
        bus=bus,
        clock=clock,
    )
    results = Results(bus=bus, connection_tests=tests, clock=clock)
    overdue = Overdue(bus=bus, attempts=tests.attempts, connection_tests=tests, clock=clock)
    duty_list = (publishing, results, overdue, keeping, KeepingDefaults(defaults=defaults))
    return Relay(duties=opened.duties, duty_list=duty_list)


def _has_ended(read_model: ReadModel, test_id: str) -> bool:
    """Tell whether a test has ended, or is not there to wait for."""
    test = read_model.test(test_id)
    return test is None or test.document["finished_at"] is not None

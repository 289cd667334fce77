"""What must be there before the service starts: schema, keys, tokens, the first sign-in link."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex

import structlog
from sqlalchemy import make_url

from deploy.migrations import is_current
from deploy.migrations import migrate as migrate_database
from events.access import Role
from events.envelope import Cause
from events.store.sql.engine import check_durability
from services.config_api.application.access import SignInLink
from services.config_api.application.context import Clock, Context
from services.config_api.application.sealed_log.continuity import SealingRefused
from services.config_api.bootstrap.building import Relaybook, build, read_defaults_file, utc_now
from services.config_api.settings import Settings
from services.config_api.vault.errors import NoMasterKey
from services.config_api.vault.key_file import make

ADMIN_ROLES: tuple[Role, ...] = ("admin", "auditor", "operator")
TESTER_ROLES: tuple[Role, ...] = ("tester",)
SIGN_IN_PATH = "/sign-in?link="
_log = structlog.get_logger(__name__)
_ONLY_OWNER = 0o600
_ONLY_OWNER_ENTERS = 0o700


class NotMigrated(Exception):
    """The database does not have this version's schema."""


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema (`relaybook migrate`); raises StoreUnavailable."""
    if settings.embedded:
        settings.data_dir.mkdir(mode=_ONLY_OWNER_ENTERS, parents=True, exist_ok=True)
    same = settings.database_url == settings.migration_database_url
    role = None if same else make_url(settings.database_url).username
    migrate_database(settings.migration_database_url, application_role=role)


def check(relaybook: Relaybook) -> None:
    """Refuse what the service must not start with.

    A master key that is lost does not stop it: settings can be read, and what needs a secret is
    refused until the key is back. Raises InvalidDefaults, NotMigrated, WeakDurability,
    WrongMasterKey, MalformedMasterKey, StoreUnavailable.
    """
    if not is_current(relaybook.settings.database_url):
        read_defaults_file(relaybook.settings.defaults_file)
        raise NotMigrated("the database lacks this version's schema: run `relaybook migrate`")
    relaybook.defaults.load()
    check_durability(relaybook.engine)
    try:
        relaybook.vault.check()
    except NoMasterKey:
        _log.error("the master key is lost: settings can be read, secrets can not")
        return  # nothing is sealed without it
    _alarm(relaybook)


def _alarm(relaybook: Relaybook) -> None:
    """Say loudly that the database is not the one whose checkpoints were given out.

    The service works nevertheless, since a backup may have been restored on purpose; nothing is
    sealed until somebody has looked.
    """
    try:
        relaybook.log.continuity.taken_up()
    except SealingRefused as error:
        _log.error("the log is not sealed", position=error.position, reason=error.reason)


def prepare(settings: Settings, *, clock: Clock = utc_now) -> SignInLink | None:
    """Migrate, and make what the data dir lacks: master key, `admin.token`, `tester.token`.

    Brings the settings in step with the defaults file; one that cannot be used stops everything
    before the database is touched.

    Returns the first administrator's sign-in link, new with each call and kept in `sign-in.link`;
    None once a person has signed in by one. Raises what `check` raises.
    """
    settings.data_dir.mkdir(mode=_ONLY_OWNER_ENTERS, parents=True, exist_ok=True)
    with closing(build(settings, clock=clock)) as relaybook:
        read_defaults_file(settings.defaults_file)  # which providers exist, no database tells yet
        migrate(settings)
        _ensure_master_key(relaybook)
        check(relaybook)
        if not relaybook.vault.ring.is_empty:
            relaybook.defaults.reconcile()
        _ensure_token(relaybook, settings.admin_token_path, "relaybook CLI", ADMIN_ROLES)
        _ensure_token(relaybook, settings.tester_token_path, "relaybook tester", TESTER_ROLES)
        link = relaybook.access.make_sign_in_link()
    path = settings.sign_in_link_path
    if link is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, sign_in_url(settings, link))
    return link


def sign_in_url(settings: Settings, link: SignInLink) -> str:
    """Return the address that the first administrator opens."""
    return settings.base_url + SIGN_IN_PATH + link.secret.reveal()


def _ensure_master_key(relaybook: Relaybook) -> None:
    """Make the key in embedded use, unless there was one: a new one would open nothing."""
    ring, settings = relaybook.vault.ring, relaybook.settings
    if ring.is_empty and settings.embedded and not relaybook.vault.marks.all():
        with suppress(FileExistsError):
            make(settings.master_key_path)
        ring.read_again()


def _ensure_token(relaybook: Relaybook, path: Path, name: str, roles: tuple[Role, ...]) -> None:
    """Keep the token in a file if it holds, otherwise issue a new one."""
    with suppress(FileNotFoundError):
        if relaybook.access.principal_of_token(path.read_text(encoding="ascii").strip()):
            return
    ctx = Context(cause=Cause.by_system("setup"), at=relaybook.clock())
    _, token = relaybook.access.create_token(
        name=name, roles=roles, tenants=None, days=None, ctx=ctx
    )
    _write(path, token.reveal())


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads; it appears whole or not at all."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

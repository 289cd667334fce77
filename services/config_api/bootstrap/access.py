"""Builds what decides who gets in."""

from __future__ import annotations

from functools import partial

from events.store.sql.opening import OpenedStore
from services.config_api.application.access import Access
from services.config_api.application.context import Clock
from services.config_api.application.denials import Denials
from services.config_api.application.openid_attempts import OpenIdAttempts
from services.config_api.application.passwords import Passwords
from services.config_api.application.sessions import Sessions
from services.config_api.application.sign_in import SignIn
from services.config_api.application.sign_in_tries import SignInTries
from services.config_api.application.token_uses import TokenUses
from services.config_api.application.users import Users
from services.config_api.read_model.tokens import Tokens
from services.config_api.read_model.users import StoredUsers
from services.config_api.read_model.writing import write_rows
from services.config_api.settings import Settings


def build_sign_in(settings: Settings, clock: Clock, opened: OpenedStore) -> SignIn:
    """Return what lets people in."""
    return SignIn(
        store=opened.store,
        wakeup=opened.wakeup,
        access=_access(settings, opened, clock),
        passwords=Passwords(engine=opened.read_engine),
        tries=SignInTries(engine=opened.engine),
        openid_attempts=OpenIdAttempts(engine=opened.engine),
    )


def build_users(opened: OpenedStore, passwords: Passwords) -> Users:
    """Return the commands on users."""
    return Users(
        store=opened.store,
        passwords=passwords,
        wakeup=opened.wakeup,
        write_rows=partial(write_rows, opened.engine),
    )


def build_denials(opened: OpenedStore) -> Denials:
    """Return what records who was refused."""
    return Denials(
        store=opened.store,
        wakeup=opened.wakeup,
        engine=opened.engine,
        read_engine=opened.read_engine,
    )


def _access(settings: Settings, opened: OpenedStore, clock: Clock) -> Access:
    return Access(
        store=opened.store,
        tokens=Tokens(engine=opened.read_engine),
        users=StoredUsers(engine=opened.read_engine),
        sessions=Sessions(engine=opened.engine, read_engine=opened.read_engine),
        uses=TokenUses(engine=opened.engine),
        wakeup=opened.wakeup,
        clock=clock,
        write_rows=partial(write_rows, opened.engine),
        issuer=None if settings.openid is None else settings.openid.issuer,
    )

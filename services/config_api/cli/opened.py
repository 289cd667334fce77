"""The service itself on this host's database, for commands that need no running server."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from events import core_dumps
from events.envelope import Cause
from events.store.port import StoreError, StoreUnavailable
from services.config_api.application.context import Context
from services.config_api.application.defaults_file import InvalidDefaults
from services.config_api.bootstrap import NotMigrated, build
from services.config_api.cli.configured import settings_of
from services.config_api.cli.failures import NotReachable, Refused, WrongUsage
from services.config_api.cli.language import current, tr
from services.config_api.vault.errors import MalformedMasterKey, WrongMasterKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.bootstrap import Relaybook
    from services.config_api.cli.session import Session


@contextmanager
def opened(session: Session) -> Iterator[Relaybook]:
    """Give the service and close it afterwards; raises what `host_failures` raises."""
    core_dumps.switch_off()
    os.umask(0o077)  # a database that is made now is for its owner
    settings = settings_of(session)
    with host_failures(), closing(build(settings)) as relaybook:
        yield relaybook


@contextmanager
def host_failures() -> Iterator[None]:
    """Say what is wrong with this host's database, key or defaults file.

    Raises NotReachable for a database that is away, WrongUsage for a key that does not fit and for
    a defaults file with mistakes, and Refused for a database that may not be used.
    """
    try:
        yield
    except InvalidDefaults as error:
        lines = "".join(f"\n  {line}" for line in error.told(current()))
        told = tr("The defaults file {path} cannot be used:", path=error.path)
        raise WrongUsage(told + lines) from error
    except (StoreUnavailable, NotMigrated, DBAPIError) as error:
        raise NotReachable(
            tr("The database cannot be used: {reason}", reason=error),
            advice=tr("Was `relaybook migrate` run? RELAYBOOK_DATABASE_URL says where it is."),
        ) from error
    except (MalformedMasterKey, WrongMasterKey, FileNotFoundError) as error:
        raise WrongUsage(
            tr("The master key cannot be used: {reason}", reason=error),
            advice=tr("RELAYBOOK_MASTER_KEY, its _FILE, or master.key in the data directory."),
        ) from error
    except StoreError as error:
        raise Refused(tr("The database cannot be used: {reason}", reason=error)) from error


def by_operator(relaybook: Relaybook) -> Context:
    """Return the context of a command that was typed on the host."""
    return Context(cause=Cause.by_system("cli"), at=relaybook.clock())

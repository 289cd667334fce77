"""Real mail servers as fixtures, started once a session."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from tests.support.services import missing
from tests.support.smtp.dovecot import Dovecot, running_dovecot
from tests.support.smtp.postfix import Postfix, running_postfix

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder with a short name (sockets need it) that the servers' own users may enter."""
    if os.geteuid() != 0:
        missing("Postfix and Dovecot are started as root, to become their own users")
    folder = Path(mkdtemp(prefix="mail-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def dovecot_submission(server_folder: Path) -> Iterator[Dovecot]:
    """Dovecot's submission service: STARTTLS and implicit TLS."""
    folder = server_folder / "dovecot"
    folder.mkdir()
    with running_dovecot(folder) as dovecot:
        yield dovecot


@pytest.fixture(scope="session")
def postfix(server_folder: Path, dovecot_submission: Dovecot) -> Iterator[Postfix]:
    """Postfix: STARTTLS, implicit TLS and plain text, with Dovecot's users."""
    folder = server_folder / "postfix"
    folder.mkdir()
    with running_postfix(folder, dovecot_submission) as server:
        yield server

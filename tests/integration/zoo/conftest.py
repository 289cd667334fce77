"""The zoo's servers, and the results of all situations, once a session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from services.conn_tester.contexts import Contexts
from tests.integration.zoo.catalogue import SITUATIONS
from tests.integration.zoo.situation import Situation, Zoo, meet
from tests.support.npm import npm_packages
from tests.support.smtp.certificates import Authority
from tests.support.smtp.exim import running_exim
from tests.support.smtp.fixtures import dovecot_submission, postfix, server_folder
from tests.support.smtp.nodemailer import running_nodemailer
from tests.support.smtp.opensmtpd import running_opensmtpd
from tests.support.smtp.python_server import running_python_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from events.connection_test import TestResult
    from tests.support.smtp.dovecot import Dovecot
    from tests.support.smtp.postfix import Postfix

__all__ = ["dovecot_submission", "npm_packages", "postfix", "server_folder"]

_AT_ONCE = 12


@pytest.fixture(scope="session")
def zoo(
    server_folder: Path, dovecot_submission: Dovecot, postfix: Postfix, npm_packages: Path
) -> Iterator[Zoo]:
    started = {
        "exim": running_exim,
        "opensmtpd": running_opensmtpd,
        "nodemailer": running_nodemailer,
        "aiosmtpd": running_python_server,
    }
    servers: dict[str, object] = {"dovecot": dovecot_submission, "postfix": postfix}
    with ExitStack() as stack:
        for name, run in started.items():
            folder = server_folder / name
            folder.mkdir()
            servers[name] = stack.enter_context(run(folder))
        yield Zoo(authority=Authority.root(), servers=servers, contexts=Contexts())


@pytest.fixture(scope="session")
def results(
    zoo: Zoo, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, TestResult | BaseException]:
    """What each situation leads to, by its name; an error that escapes is kept for its test."""
    folder = tmp_path_factory.mktemp("situations")

    def met(situation: Situation) -> TestResult | BaseException:
        own = folder / str(SITUATIONS.index(situation))
        own.mkdir()
        try:
            return meet(situation, zoo, own)
        except Exception as error:  # noqa: BLE001 -- of the situation's own test, which raises it
            return error

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip((one.name for one in SITUATIONS), pool.map(met, SITUATIONS), strict=True))

"""The example of a service that keeps a copy of all settings, run as its author would run it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.cli.running import ROOT, Up
from tests.support.processes import wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAM = ROOT / "deploy" / "guides" / "local_copy.py"


@pytest.fixture(params=["embedded", "servers"])
def up(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Up]:
    variables = {}
    if request.param == "servers":
        variables = {
            "RELAYBOOK_DATABASE_URL": request.getfixturevalue("postgres_url"),
            "RELAYBOOK_BROKER_URL": request.getfixturevalue("rabbitmq_vhost"),
            "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        }
    running = Up(tmp_path / "var", variables=variables)
    running.start()
    yield running
    running.end()


@contextmanager
def copying(up: Up, token: str) -> Iterator[None]:
    environment = {**up.environment, "RELAYBOOK_TOKEN": token}
    with subprocess.Popen([sys.executable, _PROGRAM, copy_of(up)], env=environment) as program:
        try:
            yield
        finally:
            program.kill()


def copy_of(up: Up) -> Path:
    return up.data_dir.parent / "copy.db"


def copied(up: Up) -> dict[str, tuple[int, int]]:
    """Return version and port of each setting in the copy; nothing while there is none."""
    try:
        with closing(sqlite3.connect(f"file:{copy_of(up)}?mode=ro", uri=True)) as rows:
            found = rows.execute("SELECT id, document FROM settings").fetchall()
    except sqlite3.OperationalError:
        return {}
    documents: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in found}
    return {name: (one["version"], one["port"]) for name, one in documents.items()}


@pytest.mark.timeout(240)
def test_a_copy_follows_and_catches_up(up: Up) -> None:
    def settings(*words: str) -> None:
        done = up.run("settings", *words)
        assert done.returncode == 0, done.stderr

    def comes(wanted: dict[str, tuple[int, int]]) -> None:
        wait_until(lambda: copied(up) == wanted, seconds=30, what=f"the copy is {wanted}")

    made = up.run(
        "tokens", "create", "--name", "shop", "--role", "reader", "--role", "auditor"
    ).stdout.strip()
    settings("register", "before", "--host", "smtp.acme.example")
    with copying(up, made):
        comes({"before": (1, 587)})
        settings("update", "before", "--port", "2525")
        settings("register", "meanwhile", "--host", "smtp.acme.example")
        comes({"before": (2, 2525), "meanwhile": (1, 587)})
    settings("delete", "before", "--yes")
    settings("update", "meanwhile", "--port", "465", "--security", "implicit_tls")
    with copying(up, made):
        comes({"meanwhile": (2, 465)})

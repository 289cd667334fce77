"""The guides for authors of services and for auditors, typed as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import ROOT, Up

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUIDES = ROOT / "deploy" / "guides"


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path / "var")
    running.start("--demo")
    yield running
    running.end()


def blocks(guide: str) -> list[str]:
    """Return the shell blocks of a guide."""
    return re.findall(r"```sh\n(.*?)```", (_GUIDES / guide).read_text(), re.DOTALL)


def typed(up: Up, script: str, **variables: str) -> str:
    """Run what a reader would type, in a folder of the test's own, and return what it printed."""
    folder = up.data_dir.parent
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-eu", "-c", script.replace("curl -s", "curl -sS --fail --noproxy '*'")],
        cwd=folder, env={**up.environment, "PATH": path, **variables},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_an_auditor_reads_and_proves_as_the_guide_says(up: Up) -> None:
    up.run("settings", "register", "acme", "--host", "smtp.acme.example")
    read, prove, later = blocks("auditors.md")
    told = typed(up, read)
    assert "smtp_setting.registered" in told
    assert "smtp.acme.example" in told
    typed(up, prove)
    up.run("settings", "update", "acme", "--port", "2525")
    typed(up, later)


@pytest.mark.timeout(300)
def test_an_author_asks_for_settings_and_credentials_as_the_guide_says(up: Up) -> None:
    tokens, effective, credentials, _copy = blocks("services.md")
    made = typed(up, tokens).split()
    assert len(made) == 2
    variables = {"TOKEN": made[0]}
    assert '"resolved_from":"demo"' in typed(up, effective.replace("acme", "demo"), **variables)
    assert '"password":' in typed(up, credentials.replace("acme", "demo"), **variables)

"""The guides for authors of services and for auditors, typed as they stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import Up
from tests.integration.guides.reader import blocks, typed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path / "var")
    running.start("--demo")
    yield running
    running.end()


@pytest.mark.timeout(300)
def test_an_auditor_reads_and_proves_as_the_guide_says(up: Up) -> None:
    up.run("settings", "register", "acme", "--host", "smtp.acme.example")
    read, prove, later = blocks("deploy/guides/auditors.md")
    told = typed(up, read)
    assert "smtp_setting.registered" in told
    assert "smtp.acme.example" in told
    typed(up, prove)
    up.run("settings", "update", "acme", "--port", "2525")
    typed(up, later)


@pytest.mark.timeout(300)
def test_an_author_asks_for_settings_and_credentials_as_the_guide_says(up: Up) -> None:
    tokens, effective, credentials, _copy = blocks("deploy/guides/services.md")
    made = typed(up, tokens).split()
    assert len(made) == 2
    variables = {"TOKEN": made[0]}
    assert '"resolved_from":"demo"' in typed(up, effective.replace("acme", "demo"), **variables)
    assert '"password":' in typed(up, credentials.replace("acme", "demo"), **variables)

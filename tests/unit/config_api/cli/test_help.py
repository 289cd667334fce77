from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from services.config_api.cli import language
from services.config_api.cli.main import COMMANDS, root, run
from services.config_api.cli.smtp_settings import COMMANDS as SETTINGS
from services.config_api.cli.smtp_settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = ("flask", "httpx", "rich", "sqlalchemy", "granian", "kombu", "cryptography")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    language.use("en")


def command_lines(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from command_lines(command, (*path, name))


@pytest.mark.parametrize("spoken", ["en", "ja"])
@pytest.mark.parametrize("line", [(), *command_lines(root)], ids=" ".join)
def test_every_command_explains_itself_and_each_option(
    line: tuple[str, ...], spoken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", spoken, *line, "--help"]) == 0
    shown = capsys.readouterr().out
    assert {"en": "Usage:", "ja": "使い方:"}[spoken] in shown
    assert "--json" in shown
    command: click.Command = root
    for name in line:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name) or command
    for param in command.params:
        assert isinstance(param, click.Option | click.Argument)
        assert param.help, f"{param.name} of {line} has no help"


def test_the_summary_of_a_command_is_the_one_in_the_list() -> None:
    for group, listed in ((root, COMMANDS), (settings, SETTINGS)):
        for name, (_, summary) in listed.items():
            command = group.get_command(click.Context(group), name)
            assert command is not None
            assert command.help == summary


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from services.config_api.cli.main import run; code = run(['--help']);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr);"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stderr.strip() == "[]"


def test_the_language_is_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert run(["--help"]) == 0
    assert "使い方:" in capsys.readouterr().out
    assert run(["--lang", "en", "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_names_are_completed_without_loading_their_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_RELAYBOOK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "relaybook se")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit, match="0"):
        run([])
    assert capsys.readouterr().out.split() == ["plain,settings", "plain,serve"]

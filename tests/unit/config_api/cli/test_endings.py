from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click
import pytest

from services.config_api.cli.endings import ended
from services.config_api.cli.failures import Failure, Internal, NotReachable, Refused, WrongUsage
from services.config_api.cli.main import run
from services.config_api.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

PROBLEM = {"type": "urn:relaybook:problem:not-found", "title": "Not found", "status": 404}


def fail(error: BaseException) -> None:
    raise error


def ending(error: BaseException, *, json_wanted: bool = False, level: str = "info") -> int:
    session = Session(json=json_wanted, overrides={"RELAYBOOK_LOG_LEVEL": level})
    with ended(session) as end:
        fail(error)
    return end.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("no"), 1),
        (WrongUsage("no"), 2),
        (click.UsageError("no"), 2),
        (NotReachable("no"), 69),
        (Internal("no"), 70),
        (ValueError("no"), 70),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 1),
    ],
)
def test_each_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    assert ending(error) == code


def test_a_reader_that_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stdout:  # noqa: PTH123 -- a descriptor
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(["asyncapi"]) == 0


def test_a_failure_says_what_to_do_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    ending(NotReachable("It is away.", advice="Start it."))
    told = capsys.readouterr()
    assert told.err == "Error: It is away.\nStart it.\n"
    assert told.out == ""


def test_in_json_a_problem_stays_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    ending(Refused("no", problem=PROBLEM), json_wanted=True)
    assert json.loads(capsys.readouterr().err) == PROBLEM


def test_an_internal_error_is_one_line_and_an_advice(capsys: pytest.CaptureFixture[str]) -> None:
    ending(ZeroDivisionError("by zero"))
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Error: Something broke: ZeroDivisionError: by zero"
    assert len(told) == 2


def test_at_level_debug_an_internal_error_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    ending(ZeroDivisionError("by zero"), level="debug")
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["frobnicate"], "There is no command frobnicate."),
        (["setings"], "There is no command setings. Did you mean settings?"),
        (["test", "--dept", "auth"], "There is no option --dept. Did you mean --depth"),
        (["settings", "get"], "'ID' is missing."),
        (["import", "x.xml"], "'--mode' is missing."),
        (["test", "x", "--depth", "deep"], "'--depth' cannot be used:"),
        (["test"], "Name a setting, or give a document with -f."),
        (["test", "x", "--depth", "envelope"], "--depth envelope needs --mail-from and --rcpt-to."),
        (["test", "x", "--depth", "send", "--mail-from", "a@b.example"], "--depth send needs"),
    ],
)
def test_a_wrong_command_line_is_named_and_answered_with_2(
    line: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "en", *line]) == 2
    assert words in capsys.readouterr().err


def test_a_wrong_command_line_is_named_in_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "ja", "setings"]) == 2
    assert "コマンド setings はありません。 settings のことですか。" in capsys.readouterr().err


@pytest.fixture
def wrong_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def set_it() -> None:
        monkeypatch.setenv("RELAYBOOK_URL", "ftp://nowhere")
        monkeypatch.setenv("RELAYBOOK_BIND", "nowhere")

    return set_it


def test_all_wrong_values_of_the_environment_are_told_at_once(
    wrong_environment: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong_environment()
    assert run(["--lang", "en", "config"]) == 2
    told = capsys.readouterr().err
    assert "RELAYBOOK_URL" in told
    assert "RELAYBOOK_BIND" in told


def test_a_failure_is_an_exception_with_code_1_unless_it_says_otherwise() -> None:
    assert Failure("no").exit_code == 1

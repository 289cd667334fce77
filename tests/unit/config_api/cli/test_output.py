from __future__ import annotations

import json

import pytest

from services.config_api.cli.output import Output, plain, shown


def test_away_from_a_terminal_a_table_is_lines_with_tabs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output(as_json=False).table(("ID", "Host"), [("acme", "smtp.acme.example"), ("b", "")])
    assert capsys.readouterr().out == "ID\tHOST\nacme\tsmtp.acme.example\nb\t\n"
    Output(as_json=False, headers=False).table(("ID",), [("acme",)])
    assert capsys.readouterr().out == "acme\n"


def test_a_document_is_json_on_one_line_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).document({"x_mailer": "経理部メール"})
    told = capsys.readouterr().out
    assert "経理部メール" in told
    assert told.count("\n") == 1
    assert json.loads(told) == {"x_mailer": "経理部メール"}


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).note("wait")
    assert capsys.readouterr() == ("", "wait\n")


def test_names_and_values_are_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).pairs({"id": "acme", "port": "587"})
    assert capsys.readouterr().out == "id: acme\nport: 587\n"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp", "\\u202egnp"),
        ("経理部 mail", "経理部 mail"),
    ],
)
def test_text_of_others_cannot_command_the_terminal(text: str, seen: str) -> None:
    assert plain(text) == seen


@pytest.mark.parametrize(
    ("value", "seen"), [(None, "-"), ("", "-"), ("a", "a"), (587, "587"), (["ä"], '["ä"]')]
)
def test_values_are_shown_as_people_read_them(value: object, seen: str) -> None:
    assert shown(value) == seen

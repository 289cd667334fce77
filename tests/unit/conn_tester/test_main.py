"""What the program `relaybook-tester` does with arguments."""

from __future__ import annotations

import sys

import pytest

from services.conn_tester.__main__ import main


@pytest.mark.parametrize("argument", ["-h", "--help"])
def test_help_is_told_and_nothing_starts(
    argument: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["relaybook-tester", argument])
    assert main() == 0
    told = capsys.readouterr()
    assert told.out.startswith("Usage: relaybook-tester\n")
    assert not told.err


@pytest.mark.parametrize("arguments", [["--concurrency", "8"], ["run"], ["--help", "run"]])
def test_other_arguments_are_refused_and_nothing_starts(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["relaybook-tester", *arguments])
    assert main() == 2
    told = capsys.readouterr()
    assert not told.out
    assert "--help" in told.err

"""What of the verifier only large or odd bundles show."""

from __future__ import annotations

import runpy
import sys
from typing import TYPE_CHECKING

import pytest

from events.sealing import verify
from events.sealing.verify import LEAF, WIDTH, Log

if TYPE_CHECKING:
    from pathlib import Path


def test_tiles_beyond_a_thousand_lie_deeper(tmp_path: Path) -> None:
    size = 1_001 * WIDTH + 2
    whole, last = tmp_path / "tile/0/x001/000", tmp_path / "tile/0/x001/001.p/2"
    whole.parent.mkdir(parents=True)
    last.parent.mkdir()
    whole.write_bytes(b"w" * 32 * WIDTH)
    last.write_bytes(b"x" * 32 + b"y" * 32)
    log = Log(tmp_path, size)
    assert log.stored(0, 1_000 * WIDTH) == b"w" * 32
    assert log.stored(0, size - 1) == b"y" * 32


def test_an_entry_of_another_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tile/entries/000.p/1"
    path.parent.mkdir(parents=True)
    path.write_bytes((LEAF + 1).to_bytes(2, "big") + bytes(LEAF))
    with pytest.raises(ValueError, match="another length"):
        Log(tmp_path, 1).leaf(0)


def test_the_file_runs_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["verify.py", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(verify.__file__, run_name="__main__")
    assert ended.value.code == 1
    assert capsys.readouterr().out.startswith("position 1: The bundle cannot be read here")

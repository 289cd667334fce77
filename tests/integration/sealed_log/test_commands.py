"""The log handed out and verified by commands, the verifier's own among them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from events.sealing.verify import REASONS, main
from services.config_api.cli.audit import _REASONS as AUDIT_REASONS
from services.config_api.cli.main import run
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.sealed_log import Kept


def test_the_verifiers_own_command_line(
    on_sqlite: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_sqlite.append(5)
    on_sqlite.seal()
    folder = on_sqlite.bundle(tmp_path / "bundle")
    since = ["--since", str(folder / "checkpoint")]
    capsys.readouterr()
    assert main([str(folder), "--key", on_sqlite.vkey, *since]) == 0
    assert json.loads(capsys.readouterr().out)["last_position"] == 5
    (folder / "manifest").unlink()
    assert main([str(folder)]) == 1
    assert capsys.readouterr().out.startswith("position 1: The bundle cannot be read here")


def test_the_commands_export_and_verify(
    on_sqlite: Kept,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = on_sqlite.relaybook.settings
    monkeypatch.setenv("RELAYBOOK_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("RELAYBOOK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("RELAYBOOK_MASTER_KEY", MASTER_KEY)
    folder = tmp_path / "bundle"

    def typed(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["audit", *words])
        return code, capsys.readouterr().out

    assert typed("export", "-o", str(folder))[0] == 1
    on_sqlite.append(12)
    on_sqlite.seal()
    code, vkey = typed("export", "-o", str(folder), "--tenant", "acme")
    assert (code, vkey.strip()) == (0, on_sqlite.vkey)
    assert typed("export", "-o", str(folder))[0] == 2
    told = json.loads(typed("export", "-o", str(tmp_path / "all"), "--json")[1])
    assert told == {"folder": str(tmp_path / "all"), "vkey": on_sqlite.vkey}
    since = ("--since", str(folder / "checkpoint"))
    code, out = typed("verify", str(folder), "--key", vkey.strip(), *since)
    assert (code, "12 leaves, 4 events" in out) == (0, True)
    assert json.loads(typed("verify", str(folder), "--json")[1])["pinned"] is False
    line = folder / "events/000000/000.jsonl"
    line.write_text(line.read_text().replace("user:alice", "user:mallory", 1))
    code, out = typed("verify", str(folder))
    assert (code, out) == (1, "Position 1: The event is not the one that was recorded.\n")
    code, out = typed("verify", str(folder), "--json")
    assert (code, json.loads(out)["code"]) == (1, "content")


def test_what_is_no_key_and_no_checkpoint_is_wrong_usage(
    on_sqlite: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_sqlite.append(1)
    on_sqlite.seal()
    folder = str(on_sqlite.bundle(tmp_path / "bundle"))
    odd = tmp_path / "odd"
    for content in (b"\xff", b"not a checkpoint"):
        odd.write_bytes(content)
        assert run(["audit", "verify", folder, "--since", str(odd)]) == 2
        assert "odd is no checkpoint." in capsys.readouterr().err
    for key in ("odd", on_sqlite.vkey[:-2]):
        assert run(["audit", "verify", folder, "--key", key]) == 2
        assert f"{key} is no verifier key." in capsys.readouterr().err


def test_the_commands_words_are_the_verifiers() -> None:
    assert AUDIT_REASONS == REASONS

"""An import and an export of many settings through a real server, in bounded memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.transfer import PASSPHRASE, serving, write_file

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 20_000
#: Contract §8 allows 200 MiB for 100,000 settings; kept whole, these alone took more than this.
MOST_MIB = 80
#: Deriving the key of a sealed file takes 64 MiB for a moment.
MOST_SEALED_MIB = 150


@pytest.mark.alone
@pytest.mark.timeout(600)
def test_many_settings_come_in_and_go_out_in_bounded_memory(tmp_path: Path) -> None:
    file, out = tmp_path / "settings.json", tmp_path / "out"
    write_file(file, "json", COUNT)
    headers = {"Content-Type": "application/json"}
    with serving(tmp_path / "data") as server:
        took = [server.send(file, "mode=new&dry_run=true", out, **headers)]
        assert json.loads(out.read_bytes())["counts"]["create"] == COUNT
        once = headers | {"Idempotency-Key": "many"}
        took.append(server.send(file, "mode=new", out, **once))
        first = out.read_bytes()
        took.append(server.send(file, "mode=new", out, **once))
        assert out.read_bytes() == first
        took.append(server.fetch({"format": "json"}, out))
        assert len(json.loads(out.read_bytes())["settings"]) == COUNT
        assert max(one.mib for one in took) < MOST_MIB

        sealed = server.fetch(
            {"format": "json", "secrets": "sealed", "passphrase": PASSPHRASE}, file
        )
        headers = {"Content-Type": "application/age", "Relaybook-Passphrase": PASSPHRASE}
        opened = server.send(file, "mode=update&format=json", out, **headers)
        assert json.loads(out.read_bytes())["counts"]["unchanged"] == COUNT
        assert max(sealed.mib, opened.mib) < MOST_SEALED_MIB


@pytest.mark.alone
@pytest.mark.timeout(600)
def test_a_refusal_names_every_invalid_setting_in_bounded_memory(tmp_path: Path) -> None:
    file, out = tmp_path / "settings.json", tmp_path / "out"
    write_file(file, "json", COUNT)
    file.write_text(file.read_text().replace("smtp.tenant", "no host"))
    with serving(tmp_path / "data") as server:
        took = server.refused(file, "mode=new", out, **{"Content-Type": "application/json"})
        plan = json.loads(out.read_bytes())["plan"]
        assert plan["counts"]["invalid"] == len(plan["items"]) == COUNT
        assert took.mib < MOST_MIB

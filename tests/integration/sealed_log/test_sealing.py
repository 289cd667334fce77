"""The log as it is sealed, taken up again and handed out, on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import InclusionProof

from events.sealing.checkpoint import checkpoint_in
from events.sealing.tree import leaf_hash, leaf_of
from events.sealing.verify import Mismatch
from events.store.sealed_log import SealedMeanwhile
from services.config_api.application.sealed_log.bundle import BundleRequest, NothingSealed
from services.config_api.application.sealed_log.continuity import SealingRefused
from services.config_api.application.sealed_log.proofs import (
    NoSuchEvent,
    NotProvable,
    NotSealedYet,
)
from tests.support.tampering import writable

if TYPE_CHECKING:
    from pathlib import Path

    from events.store.port import Page
    from tests.support.sealed_log import Kept


def test_a_bundle_of_everything_fits(kept: Kept, tmp_path: Path) -> None:
    kept.append(300)
    kept.seal()
    kept.append(20, begin=300)
    kept.seal()
    report = kept.verify(kept.bundle(tmp_path / "bundle"))
    assert (report.size, report.events, report.checkpoints) == (320, 320, 2)
    assert (report.first, report.tenants, report.pinned) == (0, None, True)


def test_nothing_sealed_is_nothing_to_hand_out(on_sqlite: Kept, tmp_path: Path) -> None:
    with pytest.raises(NothingSealed):
        on_sqlite.bundle(tmp_path / "bundle")
    on_sqlite.seal()
    assert on_sqlite.relaybook.log.log.newest() is None
    assert on_sqlite.relaybook.log.proofs.status().behind == 0


def test_a_foreign_reader_takes_the_bundle_for_a_tiled_log(kept: Kept, tmp_path: Path) -> None:
    kept.append(520)
    kept.seal()
    reader = TilesReader(LocalBackend(kept.bundle(tmp_path / "bundle")))
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string(kept.vkey))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    for index in (0, 255, 256, 519):
        entry = reader.get_entry(index)
        proof = reader.get_inclusion_proof(index, checkpoint.size)
        proof.check(leaf_hash(entry), checkpoint.root_hash)
        assert int.from_bytes(entry[:8], "big") == index + 1
    first = kept.relaybook.store.read_all(after=0, limit=1).events[0]
    assert reader.get_entry(0) == leaf_of(first.position, first.content_hash)


def test_a_foreign_verifier_takes_the_proof_of_an_event(kept: Kept) -> None:
    kept.append(300)
    kept.seal()
    for position in (1, 255, 256, 257, 300):
        lines, _, note = kept.relaybook.log.proofs.proof(position, None).partition("\n\n")
        head, extra, index, *path = lines.split("\n")
        assert head == "c2sp.org/tlog-proof@v1"
        assert extra.startswith("extra ")
        event = kept.relaybook.store.read_all(after=position - 1, limit=1).events[0]
        told = checkpoint_in(note)
        hashes = [bytes_of(one) for one in path]
        proof = InclusionProof(int(index.removeprefix("index ")), told.size, hashes)
        proof.check(leaf_hash(leaf_of(position, event.content_hash)), told.root)
        assert bytes_of(extra.removeprefix("extra ")) == position.to_bytes(8, "big") + event.salt


def bytes_of(text_: str) -> bytes:
    from base64 import b64decode  # noqa: PLC0415 -- of this one place

    return b64decode(text_, validate=True)


def test_only_what_is_there_sealed_and_ones_own_is_proven(kept: Kept) -> None:
    proofs = kept.relaybook.log.proofs
    kept.append(2)
    with pytest.raises(NotSealedYet):
        proofs.proof(1, None)
    kept.seal()
    kept.append(2, begin=2)
    assert proofs.proof(1, frozenset({"acme"}))
    for position, tenants in ((1, {"globex"}), (3, {"acme"}), (0, None), (99, None)):
        with pytest.raises(NoSuchEvent):
            proofs.proof(position, None if tenants is None else frozenset(tenants))
    with pytest.raises(NotSealedYet):
        proofs.proof(3, None)
    with writable(kept) as connection:
        connection.execute(text("UPDATE events SET actor = 'user:mallory' WHERE position = 2"))
    with pytest.raises(NotProvable):
        proofs.proof(2, None)


def test_a_tenants_bundle_proves_the_whole_and_shows_its_own(kept: Kept, tmp_path: Path) -> None:
    kept.append(60)
    kept.seal()
    folder = kept.bundle(tmp_path / "bundle", tenants=frozenset({"acme"}))
    report = kept.verify(folder)
    assert (report.size, report.events, report.tenants) == (60, 20, ["acme"])
    shown = (folder / "events/000000/000.jsonl").read_text().splitlines()
    assert {json.loads(line)["tenant"] for line in shown} == {"acme"}
    assert "globex" not in "".join(
        path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()
    )


def test_a_later_bundle_begins_where_the_auditor_was(kept: Kept, tmp_path: Path) -> None:
    kept.append(400)
    kept.seal()
    old = (kept.bundle(tmp_path / "old") / "checkpoint").read_text()
    kept.append(200, begin=400)
    kept.seal()
    folder = kept.bundle(tmp_path / "new", since=401)
    report = kept.verify(folder, since=old)
    assert (report.first, report.size, report.events) == (256, 600, 344)
    assert not (folder / "tile/0/000").exists()
    later = kept.bundle(tmp_path / "later", since=600)
    with pytest.raises(Mismatch) as found:
        kept.verify(later, since=old)
    assert found.value.code == "begins_later"


def test_a_restart_hashes_nothing_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.append(300)
    kept.seal()
    after: list[int] = []
    store = type(kept.relaybook.store)
    real = store.read_all

    def told(self: Any, **asked: Any) -> Page:
        after.append(asked["after"])
        return real(self, **asked)

    monkeypatch.setattr(store, "read_all", told)
    kept.append(1, begin=300)
    kept.seal()
    assert after == [299, 300]
    head = kept.relaybook.log.log.newest()
    assert head is not None
    assert (head.size, head.previous, head.position) == (301, 300, 301)


def test_of_two_sealers_one_is_refused(kept: Kept) -> None:
    kept.append(3)
    first, second = kept.relaybook.log.sealer.begin(), kept.relaybook.log.sealer.begin()
    first.round()
    kept.append(1, begin=4)
    with pytest.raises(SealedMeanwhile):
        second.round()
    first.round()
    assert [one.size for one in kept.relaybook.log.log.heads(upto=99)] == [3, 4]


def test_heads_are_only_added(kept: Kept) -> None:
    kept.append(1)
    kept.seal()
    for statement in ("UPDATE log_checkpoints SET note = ''", "DELETE FROM log_checkpoints"):
        with (
            pytest.raises(DBAPIError, match="insert-only"),
            kept.relaybook.engine.begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_changed_event_is_not_sealed_and_everybody_knows(kept: Kept) -> None:
    kept.append(6)
    with writable(kept) as connection:
        connection.execute(text("UPDATE events SET actor = 'user:mallory' WHERE position = 4"))
    sealing = kept.relaybook.log.sealer.begin()
    with pytest.raises(SealingRefused) as refused:
        sealing.round()
    assert (refused.value.position, refused.value.reason) == (4, "changed")
    told = kept.relaybook.log.proofs.status()
    assert told.refusal is not None
    assert (told.refusal.position, told.refusal.reason, told.behind) == (4, "changed", 6)
    with writable(kept) as connection:
        connection.execute(text("UPDATE events SET actor = 'user:alice' WHERE position = 4"))
    kept.seal()
    assert kept.relaybook.log.proofs.status().refusal is None


def test_the_newest_checkpoint_is_in_the_file(kept: Kept, tmp_path: Path) -> None:
    kept.append(2)
    kept.seal()
    head = kept.relaybook.log.log.newest()
    assert head is not None
    assert (tmp_path / "outside.checkpoint").read_text() == head.note
    assert not list(tmp_path.glob(".outside*"))


def test_a_file_that_cannot_be_written_does_not_stop_the_sealing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    kept.append(2)
    kept.seal()
    assert kept.relaybook.log.proofs.status().behind == 0


def test_a_new_key_signs_and_the_old_one_still_leads_there(kept: Kept, tmp_path: Path) -> None:
    kept.append(3)
    kept.seal()
    old = kept.vkey
    new = kept.rotate()
    kept.append(1, begin=4)
    kept.seal()
    folder = kept.bundle(tmp_path / "bundle")
    for pinned in ([old], [old, new]):
        assert kept.verify(folder, keys=pinned).keys == [old, new]
    note = (folder / "checkpoint").read_text()
    assert new.split("+")[0] == old.split("+")[0] == checkpoint_in(note).origin
    with pytest.raises(Mismatch) as found:
        kept.verify(folder, keys=[new])  # what the old key signed is no word of the new one
    assert found.value.code == "signature"
    shown = (folder / "events/000000/000.jsonl").read_text()
    assert "key.signing_rotated" in shown
    assert new in json.loads(shown.splitlines()[3])["data"]


def test_the_verifier_needs_no_other_file(kept: Kept, tmp_path: Path) -> None:
    kept.append(5)
    kept.seal()
    folder = kept.bundle(tmp_path / "bundle")
    command = [sys.executable, "-I", str(folder / "verify.py"), "--key", kept.vkey]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["events"] == 5
    events = folder / "events/000000/000.jsonl"
    events.write_text(events.read_text().replace('"position": 3', '"position": 33'))
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 1
    assert done.stdout.startswith("position 3: The event is missing.")


def test_a_bundle_goes_into_an_empty_folder_only(on_sqlite: Kept, tmp_path: Path) -> None:
    on_sqlite.append(1)
    on_sqlite.seal()
    files = on_sqlite.relaybook.log.bundles.files(BundleRequest())
    assert next(files)[0] == "keys.json"
    with pytest.raises(FileExistsError):
        on_sqlite.bundle(tmp_path)

"""A database that is not the one whose checkpoints were given out is found at the start."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text

from services.config_api.application.sealed_log.continuity import SealingRefused
from services.config_api.bootstrap import check, examine
from tests.support.sealed_log import sealed_log
from tests.support.tampering import writable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.sealed_log import Kept

_OTHER_TILE = (
    "UPDATE log_tiles SET hashes = (SELECT salt FROM events WHERE position = 1) WHERE level = 1"
)


def refusal(kept: Kept) -> tuple[int, str]:
    """Return why the log cannot be taken up, as it is told to everybody."""
    with pytest.raises(SealingRefused) as refused:
        kept.relaybook.log.sealer.begin()
    told = kept.relaybook.log.proofs.status().refusal
    assert told is not None
    assert (told.position, told.reason) == (refused.value.position, refused.value.reason)
    return told.position, told.reason


def test_an_older_backup_is_found(sqlite_url: str, tmp_path: Path) -> None:
    database = str(make_url(sqlite_url).database)
    file = str(tmp_path / "outside.checkpoint")
    with sealed_log(sqlite_url, tmp_path, RELAYBOOK_CHECKPOINT_FILE=file) as kept:
        kept.append(5)
        kept.seal()
        with kept.relaybook.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = shutil.copy(database, tmp_path / "backup.db")
    with sealed_log(sqlite_url, tmp_path, RELAYBOOK_CHECKPOINT_FILE=file) as kept:
        kept.append(5, begin=6)
        kept.seal()
    restored = f"sqlite:///{backup}"
    with sealed_log(restored, tmp_path, RELAYBOOK_CHECKPOINT_FILE=file) as kept:
        assert refusal(kept) == (6, "older")
        check(kept.relaybook)  # it starts all the same, and says so in its log
        found = {one.part: one for one in examine(kept.relaybook.settings)}
        assert (found["sealed_log"].state, found["sealed_log"].reason) == ("wrong", "older")
        (tmp_path / "outside.checkpoint").rename(tmp_path / "moved")  # it was meant so
        kept.append(1, begin=20)
        kept.seal()
        assert kept.relaybook.log.proofs.status().refusal is None


def test_another_log_is_found(kept: Kept, tmp_path: Path) -> None:
    kept.append(3)
    kept.seal()
    note = (tmp_path / "outside.checkpoint").read_text()
    root = note.split("\n")[2]
    for other in (note.replace("relaybook/", "elsewhere/"), note.replace(root, "A" * 43 + "=")):
        (tmp_path / "outside.checkpoint").write_text(other)
        assert refusal(kept) == (1, "other")


def test_a_file_that_is_no_checkpoint_is_told(kept: Kept, tmp_path: Path) -> None:
    kept.append(3)
    kept.seal()
    (tmp_path / "outside.checkpoint").write_text("nothing")
    assert refusal(kept) == (4, "unreadable")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM events WHERE position = 300", (300, "changed")),
        ("UPDATE events SET actor = 'user:mallory' WHERE position = 300", (300, "changed")),
        ("DELETE FROM log_tiles WHERE level = 0 AND number = 1", (1, "broken")),
        ("UPDATE log_checkpoints SET note = replace(note, '300', '301')", (1, "broken")),
        (_OTHER_TILE, (1, "other")),
    ],
)  # fmt: skip
def test_what_the_head_shows_is_found(kept: Kept, statement: str, told: tuple[int, str]) -> None:
    kept.append(300)
    kept.seal()
    with writable(kept) as connection:
        connection.execute(text(statement))
    assert refusal(kept) == told


def test_an_event_put_in_the_place_of_the_last_one_is_found(kept: Kept, tmp_path: Path) -> None:
    kept.append(2)
    kept.seal()
    with sealed_log(kept.relaybook.settings.database_url, tmp_path) as other:
        row = other.relaybook.store.read_all(after=1, limit=1).events[0]
    with writable(kept) as connection:
        connection.execute(
            text("UPDATE events SET content_hash = (SELECT content_hash FROM events"
                 " WHERE position = 1), salt = (SELECT salt FROM events WHERE position = 1),"
                 " id = 'x' WHERE position = :position"),
            {"position": row.position},
        )  # fmt: skip
    assert refusal(kept) == (2, "changed")

"""The board: what is posted makes readers ask again, and nothing is kept while it is under way."""

from __future__ import annotations

import os
import platform
import shutil
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from events.store.port import StoreUnavailable, VersionConflict
from events.store.sql.board import file, places
from events.store.sql.board.board import Board
from events.store.sql.board.topics import EVERYTHING, LIST, TOKENS, topic_of, topics_of
from events.store.sql.failures import translated
from events.store.sql.sight import BoardSight
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACME = topic_of("smtp_setting-acme") or 0
OTHER = topic_of("smtp_setting-other") or 0


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board(tmp_path / "board", doubt_seconds=0)
    yield made
    made.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Board]:
    """The same board as another process sees it."""
    made = Board(tmp_path / "board", doubt_seconds=0)
    yield made
    made.close()


def swept(board: Board) -> tuple[int, ...] | None:
    """Sweep and look."""
    board.sweep()
    return board.look([ACME])


def test_only_settings_and_tokens_have_topics() -> None:
    assert ACME != OTHER
    assert topic_of("token-1") == topic_of("token-2") == TOKENS
    assert topic_of("connection_test-1") is None
    assert topics_of(["detection-1"]) == frozenset()


def test_the_list_depends_on_all_settings_and_their_tests() -> None:
    assert topics_of(["smtp_setting-acme"]) == {ACME, LIST}
    assert topics_of(["connection_test-1", "token-1"]) == {LIST, TOKENS}


def test_all_streams_and_very_many_are_everything() -> None:
    assert topics_of(None) == {EVERYTHING}
    assert topics_of(f"smtp_setting-{number}" for number in range(1000)) == {EVERYTHING}


def test_what_was_posted_differs_from_what_was_seen(board: Board, elsewhere: Board) -> None:
    before = elsewhere.look([ACME])
    with board.changing(["smtp_setting-acme"]):
        pass
    assert elsewhere.look([ACME]) != before


def test_what_changes_everything_changes_each_topic(board: Board, elsewhere: Board) -> None:
    before = elsewhere.look([ACME])
    with board.changing(None):
        assert elsewhere.look([ACME]) is None
    assert elsewhere.look([ACME]) != before


def test_nothing_is_kept_of_what_is_under_way_elsewhere(board: Board, elsewhere: Board) -> None:
    with board.changing(["smtp_setting-acme"]), elsewhere.changing(["smtp_setting-acme"]):
        assert elsewhere.look([ACME]) is None
        assert board.look([ACME]) is None
        assert board.look([OTHER]) is not None
        assert swept(board) is None  # its writer lives
    assert board.look([ACME]) is not None


def test_what_readers_never_ask_for_is_not_posted(board: Board) -> None:
    before = board.look([])
    with board.changing(["detection-1"]):
        assert board.look([]) == before
    assert board.file.places == 0


def test_a_refused_append_leaves_nothing_under_way(board: Board) -> None:
    with pytest.raises(VersionConflict), board.changing(["smtp_setting-acme"]):
        raise VersionConflict("smtp_setting-acme", 1)
    assert board.look([ACME]) is not None


@pytest.mark.parametrize("is_translated", [False, True])
def test_a_lost_commit_stays_in_doubt_for_its_time(tmp_path: Path, is_translated: bool) -> None:
    board = Board(tmp_path, doubt_seconds=0.3)
    lost = OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)
    told = StoreUnavailable if is_translated else OperationalError
    seen = translated() if is_translated else nullcontext()
    with pytest.raises(told), board.changing(["smtp_setting-acme"]), seen:
        raise lost
    assert board.look([ACME]) is None
    board.sweep()
    assert board.look([ACME]) is None
    eventually(lambda: swept(board))
    with pytest.raises(OperationalError), board.changing(["smtp_setting-acme"]):
        raise OperationalError("INSERT", {}, Exception("lock time-out"))
    assert board.look([ACME]) is not None  # the server said that it did nothing
    board.close()


@pytest.mark.parametrize("doubt", [0, 0.3])
def test_what_a_killed_writer_left_is_taken_back(tmp_path: Path, doubt: float) -> None:
    board = Board(tmp_path, doubt_seconds=doubt)
    before = board.look([ACME])
    child = os.fork()
    if child == 0:
        under_way = Board(tmp_path, doubt_seconds=doubt).changing(["smtp_setting-acme"])
        under_way.__enter__()
        os._exit(0)
    os.waitpid(child, 0)
    assert board.look([ACME]) is None
    board.sweep()
    assert (board.look([ACME]) is None) == bool(doubt)
    after = eventually(lambda: swept(board))
    assert after != before
    board.close()


def test_places_are_used_again_but_not_while_something_is_left(tmp_path: Path) -> None:
    first = Board(tmp_path, doubt_seconds=0)
    with first.changing(["smtp_setting-acme"]):
        pass
    first.close()
    second = Board(tmp_path, doubt_seconds=60)
    with pytest.raises(KeyboardInterrupt), second.changing(["smtp_setting-acme"]):
        raise KeyboardInterrupt
    assert second.file.places == 1
    second.close()
    third = Board(tmp_path, doubt_seconds=0)
    with third.changing(["smtp_setting-other"]):
        assert third.file.places == 2
    third.close()


def test_who_finds_no_place_does_not_write(
    board: Board, elsewhere: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PLACES", 1)
    with (
        board.changing(["smtp_setting-acme"]),
        pytest.raises(StoreUnavailable, match="1 processes"),
        elsewhere.changing(["smtp_setting-acme"]),
    ):
        pytest.fail("it wrote")


def test_a_board_that_cannot_be_opened_stops_writers(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Board(tmp_path / "file", doubt_seconds=0).changing(None).__enter__()


def test_a_place_that_cannot_be_had_stops_writers(board: Board, tmp_path: Path) -> None:
    assert board.look([]) is not None
    (tmp_path / "board" / "place-0").mkdir()
    with pytest.raises(StoreUnavailable, match="no place"):
        board.changing(None).__enter__()


def test_a_board_that_was_taken_away_is_made_anew(board: Board, tmp_path: Path) -> None:
    old = board.look([ACME])
    name = board.file.name
    shutil.rmtree(tmp_path / "board")
    with board.changing(["smtp_setting-acme"]):
        assert board.file.name != name
    assert board.look([ACME]) != old


def test_a_board_of_ones_own_goes_with_it() -> None:
    board = Board(None, doubt_seconds=0)
    with board.changing(None):
        pass
    folder = board.folder
    assert folder.exists()
    board.close()
    assert not folder.exists()


def test_a_system_without_a_boot_id_goes_by_its_name(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "_BOOT_ID", tmp_path / "none")
    monkeypatch.setattr(platform, "node", lambda: "mail-1")
    monkeypatch.setattr(file, "_host", file._host.__wrapped__)
    assert board.file.name.endswith("-mail-1")


def test_a_reader_goes_on_while_the_board_is_in_its_place(board: Board, tmp_path: Path) -> None:
    sight = BoardSight(board)
    assert sight.until == 0.0
    sight.start()
    eventually(lambda: sight.until > 0)
    first = sight.until
    eventually(lambda: sight.until > first)
    shutil.rmtree(tmp_path / "board")
    eventually((tmp_path / "board" / "board").exists)
    sight.close()
    assert sight.until == 0.0


def test_a_reader_whose_board_cannot_be_seen_does_not_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sight = BoardSight(Board(tmp_path / "file", doubt_seconds=0))
    sight.start()
    sight.close()
    assert sight.until == 0.0

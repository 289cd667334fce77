from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.files import format_of, opened_source, passphrase, written
from services.config_api.formats.names import NAMES, SUFFIXES
from services.config_api.formats.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path


class _Stdin:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)

    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("file", "known"),
    [
        ("dir/javamail-config.XML", "javamail"),
        ("a.json", "json"),
        ("a.yaml", "yaml"),
        ("a.yml", "yaml"),
        ("a.b.csv", "csv"),
        ("settings.json.age", "json"),
        ("settings.CSV.AGE", "csv"),
    ],
)
def test_the_format_is_known_by_the_suffix(file: str, known: str) -> None:
    assert format_of(file) == known


@pytest.mark.parametrize("file", ["-", "settings", "settings.doc", "settings.age"])
def test_an_unknown_suffix_asks_for_the_format(file: str) -> None:
    with pytest.raises(WrongUsage, match="--format"):
        format_of(file)


def test_the_names_are_those_of_the_formats() -> None:
    assert set(NAMES) == set(FORMATS) == set(SUFFIXES.values())


def test_a_file_can_be_sent_twice_also_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(b"id,host\n"))
    with opened_source(
        "-", format_name="csv", passphrase_file=None, ask_passphrase=False
    ) as source:
        assert source.size == len(b"id,host\n")
        assert b"".join(source.chunks()) == b"".join(source.chunks()) == b"id,host\n"
        assert source.passphrase is None


def test_a_pipe_is_read_as_a_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"{}")
    os.close(writing)
    with opened_source(
        f"/dev/fd/{reading}", format_name="json", passphrase_file=None, ask_passphrase=False
    ) as source:
        assert b"".join(source.chunks()) == b"{}"
    os.close(reading)


def test_a_sealed_file_has_its_passphrase_from_a_file(tmp_path: Path) -> None:
    sealed, secret = tmp_path / "s.json.age", tmp_path / "secret"
    sealed.write_bytes(b"age")
    secret.write_text("合言葉 one\n")
    with opened_source(
        str(sealed), format_name=None, passphrase_file=str(secret), ask_passphrase=False
    ) as source:
        assert (source.format_name, source.passphrase) == ("json", "合言葉 one")


@pytest.mark.parametrize(("content", "told"), [("\n", "empty"), (None, "cannot be read")])
def test_a_passphrase_that_is_empty_or_away_is_refused(
    tmp_path: Path, content: str | None, told: str
) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_text(content)
    with pytest.raises(WrongUsage, match=told):
        passphrase(str(secret), ask=False, twice=False)


def test_without_anybody_to_ask_a_passphrase_is_asked_for_by_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(b""))
    with pytest.raises(WrongUsage, match="--passphrase-file"):
        passphrase(None, ask=False, twice=True)


def test_file_and_passphrase_cannot_share_stdin() -> None:
    with (
        pytest.raises(WrongUsage, match="both"),
        opened_source("-", format_name="json", passphrase_file="-", ask_passphrase=False),
    ):
        pytest.fail("it was opened")


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_written_file_appears_when_it_is_whole(tmp_path: Path, private: bool, mode: int) -> None:
    path = tmp_path / "settings.json"
    before = os.umask(0o022)
    try:
        with written(str(path), private=private) as file:
            file.write(b"{}")
            assert not path.exists()
    finally:
        os.umask(before)
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mode & 0o777 == mode
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"old")

    def break_off() -> None:
        with written(str(path), private=True) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed_and_a_device_written_as_it_is(tmp_path: Path) -> None:
    path, link = tmp_path / "real.json", tmp_path / "link.json"
    path.write_bytes(b"old")
    link.symlink_to(path)
    with written(str(link), private=False) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    with written("/dev/null", private=True) as file:
        file.write(b"gone")


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(WrongUsage, match="cannot be written"),
        written(str(tmp_path / "no" / "a.json"), private=False),
    ):
        pytest.fail("it was opened")

"""What a disk holds after a power cut: what was synchronised, and of the rest whatever it likes.

strace records each change of a file with its bytes; `Disk` keeps them apart as the kernel may: a
write counts once its file was synchronised, a rename once its folder was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from random import Random

CALLS: Final = "openat,pwrite64,write,writev,fsync,fdatasync,ftruncate,unlink,rename,link"
STRACE: Final = ("-ttt", "-y", "-xx", "-s", "1000000", "-e", "signal=none")

_LINE: Final = re.compile(r"^(?P<at>[\d.]+) (?P<call>\w+)\((?P<words>.*)\) += (?P<result>-?\d+)")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PLACE: Final = re.compile(r"^\d+<([^>]*)>")
_ESCAPED: Final = re.compile(r"\\x([0-9a-f]{2})")
_BY_NAME: Final = frozenset({"openat", "unlink", "rename", "link"})
_AT_A_PLACE: Final = frozenset({"pwrite64", "ftruncate"})
_WRITES: Final = frozenset({"pwrite64", "write", "writev"})
_HALF: Final = 0.5
_SYNCS: Final = frozenset({"fsync", "fdatasync"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """One system call: `path` is its file, `other` where it is renamed or linked to."""

    at: str
    call: str
    path: str
    other: str = ""
    offset: int | None = None
    content: bytes = b""


@dataclass
class _File:
    durable: bytes | None
    waiting: list[Change] = field(default_factory=list)


class Disk:
    """The files of one folder, from a copy of it and the changes since."""

    def __init__(self, before: Path, folder: Path) -> None:
        self._folder = str(folder)
        self._files = {
            str(folder / path.relative_to(before)): _File(path.read_bytes())
            for path in before.rglob("*")
            if path.is_file()
        }
        self._moves: list[Change] = []

    def take(self, change: Change) -> None:
        """Take one more change."""
        if change.call in _SYNCS:
            self._synchronise(change.path)
        elif not change.path.startswith(self._folder + "/") or change.path.endswith("-shm"):
            return
        elif change.call in {"unlink", "rename", "link"}:
            self._moves.append(change)
        else:
            self._files.setdefault(change.path, _File(None)).waiting.append(change)

    def after_cut(self, chance: Random | None) -> dict[str, bytes]:
        """Return the files after a cut now; `chance` keeps half of what was not synchronised."""
        kept = {}
        for path, file in self._files.items():
            waiting = (
                [] if chance is None else [one for one in file.waiting if chance.random() < _HALF]
            )
            content = _written(file.durable, waiting)
            if content is not None:
                kept[path] = content
        return kept

    def _synchronise(self, path: str) -> None:
        if path in self._files:
            file = self._files[path]
            file.durable, file.waiting = _written(file.durable or b"", file.waiting), []
            return
        moves, self._moves = self._moves, []
        for move in moves:
            self._move(move)

    def _move(self, move: Change) -> None:
        if move.call == "unlink":
            self._files.pop(move.path, None)
        elif move.path in self._files:
            file = self._files[move.path]
            self._files[move.other] = file
            if move.call == "rename":
                del self._files[move.path]


def _written(content: bytes | None, changes: Iterable[Change]) -> bytes | None:
    """Return a file's content after some writes and truncations."""
    for change in changes:
        before = content or b""
        if change.call == "ftruncate":
            content = before[: change.offset].ljust(change.offset or 0, b"\0")
        elif change.call == "openat":
            content = before
        else:
            place = len(before) if change.offset is None else change.offset
            end = place + len(change.content)
            content = before[:place].ljust(place, b"\0") + change.content + before[end:]
    return content


def recorded(logs: Iterable[Path]) -> list[Change]:
    """Return the changes that strace wrote down, a file a thread, in their order."""
    lines = (line for log in logs for line in log.read_text("ascii").splitlines())
    found = (change for line in lines if (change := _change(line)) is not None)
    return sorted(found, key=lambda change: float(change.at))


def _change(line: str) -> Change | None:
    found = _LINE.match(line)
    if found is None or found["result"].startswith("-"):
        return None
    call, words = found["call"], found["words"]
    if call == "openat" and "O_CREAT" not in words:
        return None
    texts = [_bytes(text) for text in _TEXT.findall(words)]
    place = _PLACE.match(words)
    return Change(
        at=found["at"],
        call=call,
        path=texts[0].decode() if call in _BY_NAME or place is None else _bytes(place[1]).decode(),
        other=texts[-1].decode() if call in _BY_NAME else "",
        offset=int(words.rpartition(", ")[2]) if call in _AT_A_PLACE else None,
        content=b"".join(texts) if call in _WRITES else b"",
    )


def _bytes(escaped: str) -> bytes:
    return (
        bytes.fromhex(escaped.replace("\\x", "")) if escaped.startswith("\\x") else escaped.encode()
    )

"""Checkpoints (C2SP tlog-checkpoint): how long the log is, and what is in it, in one hash."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from events.sealing.note import MalformedNote, VerifierKey, text_of
from events.sealing.tree import HASH_BYTES

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """The head of a log: `origin` is which one, `size` how many leaves, `root` over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode('ascii')}\n"


def read_checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return the checkpoint in a note that one of these keys signed.

    Raises MalformedNote, NotSigned.
    """
    return checkpoint_in(text_of(note, keys))


def checkpoint_in(text: str) -> Checkpoint:
    """Return the checkpoint in a note's text or in a whole note, unverified.

    Raises MalformedNote.
    """
    lines = text.split("\n")
    if len(lines) <= _LINES or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise MalformedNote("a checkpoint is an origin, a size and a root")
    try:
        root = b64decode(lines[2], validate=True)
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES:
        raise MalformedNote("the root of a checkpoint is a SHA-256 hash")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root)

"""The newest checkpoint in a file outside the database, which no restored backup takes back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from events.sealing.checkpoint import Checkpoint, checkpoint_in

_READ_BY_ALL = 0o644


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCheckpoint:
    """Keeps the newest checkpoint in a file; `path` None keeps none."""

    path: Path | None

    def read(self) -> Checkpoint | None:
        """Return the checkpoint in the file, unverified; None where there is no file.

        Raises MalformedNote, OSError.
        """
        if self.path is None:
            return None
        try:
            note = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return checkpoint_in(note)

    def write(self, note: str) -> None:
        """Put a checkpoint in the file, whole or not at all; raises OSError."""
        if self.path is None:
            return
        draft = self.path.with_name(f".{self.path.name}.{token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READ_BY_ALL)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

"""What an examination finds of one part of a set-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal[
    "packages", "versions", "files", "database", "server", "durability", "schema", "history",
    "clock", "master_key", "sealed_log", "projections", "defaults", "webhooks", "bus",
    "broker", "dead_letters",
]  # fmt: skip
State = Literal["ok", "warning", "wrong", "skipped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found of one part; `reason` is empty where all is well, `detail` what it is about.

    A reason is a word that the CLI has a sentence for, or the sentence of an error.
    """

    part: Part
    state: State
    reason: str = ""
    detail: str = ""

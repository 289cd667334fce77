"""The commands of `deploy/README.md`, typed as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.cli.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping


def block(word: str) -> str:
    """Return the one shell block of the runbook that holds a word."""
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    found = [one for one in blocks if word in one]
    assert len(found) == 1, (word, found)
    return found[0]


def typed(word: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run that block in a shell that stops at the first command that fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RELAYBOOK_", "LC_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-eu", "-c", block(word)],
        env={**clean, "LANG": "C.UTF-8", **environment, "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

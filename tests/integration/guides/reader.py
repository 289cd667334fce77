"""Somebody who types what a document says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.cli.running import ROOT

if TYPE_CHECKING:
    from tests.integration.cli.running import Up


def blocks(document: str) -> list[str]:
    """Return the shell blocks of a document, named by its path in the checkout."""
    return re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)


def block(document: str, word: str) -> str:
    """Return the one shell block that holds a word."""
    (found,) = (one for one in blocks(document) if word in one)
    return found


def environment_of(up: Up) -> dict[str, str]:
    """Return the environment of a reader who has activated the virtual environment."""
    return {**up.environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def typed(up: Up, script: str, **variables: str) -> str:
    """Run what a reader would type, in a folder of the test's own, and return what it printed."""
    done = subprocess.run(
        ["sh", "-eu", "-c", script.replace("curl -s", "curl -sS --fail --noproxy '*'")],
        cwd=up.data_dir.parent, env={**environment_of(up), **variables},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout

"""message-db, as its npm package installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url

from tests.bench._frame import PeerMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

_PINNED: Final = Path(__file__).parent / "peers" / "npm"
_INSTALL_S: Final = 100


def install_message_db(url: str, folder: Path) -> None:
    """Put its tables and functions into a database; raises PeerMissing."""
    for program in ("npm", "psql"):
        if shutil.which(program) is None:
            raise PeerMissing(f"{program} is not installed")
    packages = folder / "npm"
    shutil.copytree(_PINNED, packages)
    _run(["npm", "ci"], packages, {})
    address = make_url(url)
    environment = {
        "PGHOST": str(address.host), "PGPORT": str(address.port), "PGUSER": str(address.username),
        "DATABASE_NAME": str(address.database), "CREATE_DATABASE": "off",
    }  # fmt: skip
    scripts = packages / "node_modules" / "@eventide" / "message-db" / "database"
    _run(["bash", str(scripts / "install.sh")], scripts, environment)


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **environment},
            capture_output=True, text=True, check=False, timeout=_INSTALL_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PeerMissing(f"{command[0]} did not end within {_INSTALL_S} s") from error
    if done.returncode:
        raise PeerMissing(f"{command[0]} failed: {done.stderr[-500:]}")

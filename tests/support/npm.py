"""Installs the JavaScript packages of `tests/npm` once, and runs programs that use them.

A package is added with `npm install --package-lock-only --save-dev --save-exact NAME` in that
folder; its `.npmrc` keeps the registry's address out of the lock file. Nothing is installed while
the lock file stays the same.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).resolve().parents[1] / "npm"
_MODULES: Final = FOLDER / "node_modules"
_STAMP: Final = _MODULES / ".installed"
_INSTALL_S: Final = 100
_RUN_S: Final = 60


@pytest.fixture(scope="session")
def npm_packages() -> Path:
    """The folder where `require` finds what `tests/npm/package.json` names."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("node or npm is not installed (Debian packages nodejs and npm)")
    with _only_one_process():
        if not _is_installed():
            _install()
    return FOLDER


def run_node(folder: Path, script: str, given: object) -> Any:
    """Run a script in `folder` with `given` as JSON on its stdin; return the JSON it prints.

    A script that ends with an error fails the test with its words.
    """
    done = subprocess.run(
        ["node", "--input-type=commonjs", "--eval", script],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_RUN_S,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"node ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout)


@contextmanager
def _only_one_process() -> Iterator[None]:
    """Let the test processes of this checkout through one after another."""
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _is_installed() -> bool:
    return _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == _wanted()


def _wanted() -> str:
    files = (FOLDER / name for name in ("package.json", "package-lock.json"))
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _install() -> None:
    try:
        done = subprocess.run(
            ["npm", "ci"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        missing(f"`npm ci` in tests/npm did not end within {_INSTALL_S} s")
    if done.returncode:
        missing(f"`npm ci` in tests/npm failed:\n{done.stderr[-2000:]}")
    _STAMP.write_text(_wanted(), encoding="utf-8")
